select
    site,
    change_domain,
    teller_role,
    count(*) as stories,
    count(*) filter (where selected) as selected
from {{ ref('fct_story') }}
where is_counted
group by site, change_domain, teller_role
