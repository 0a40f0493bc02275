{# A definition that names what there is none of would give a plausible zero: it is refused instead. One row a definition
   that cannot be worked out; the definition's own codes are the programme's, not a person's. #}
{% set names = countable_fields() %}

select site, indicator
from {{ source('lake', 'ref_local_indicator') }}
where
    coalesce(measure not in ('count', 'percent'), true)
    or coalesce(period not in ('month', 'quarter', 'year'), true)
    or (target is not null and coalesce(direction not in ('at_least', 'at_most'), true))
    or coalesce(base not in ('{{ names | join("', '") }}'), true)
    {% for part in ['numerator', 'denominator'] %}
    -- A column without its values, or values without their column, chooses nothing.
    or ({{ part }}_field is null) <> ({{ part }}_in is null)
    {% for base, fields in names.items() %}
    or (base = '{{ base }}' and {{ part }}_field not in ('{{ fields | join("', '") }}'))
    {% endfor %}
    {% endfor %}
