"""Stories and approvals through the lake, night by night: what comes is taken in, admitted, and judged as a release would."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from tfc_platform.admission.admit import admit
from tfc_platform.contracts.catalogue import Catalogue, load_catalogue
from tfc_platform.disclosure.policy import load_policy
from tfc_platform.ingest.ingest_sender import take_in
from tfc_platform.ingest.intake import Intake
from tfc_platform.ingest.landing import Landing
from tfc_platform.ingest.safeguarding_screen import ScreenRules, load_rules
from tfc_platform.privacy.pseudonym import Pseudonyms
from tfc_platform.release.approved_texts import approved_texts
from tfc_platform.release.name_finder import load_finder
from tfc_platform.release.story_selection import publishable
from tfc_platform.settings import Settings

STORIES = ("story_id", "told_on", "teller_role", "change_domain", "consent", "story", "staff_commentary")
APPROVALS = ("story_id", "approved_text", "approved_by", "approved_on")
TEXT = "A parent who kept to herself now opens the room every week."
APRIL, MAY, JUNE, JULY = (date(2026, month, 20) for month in (4, 5, 6, 7))


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue()


@pytest.fixture(scope="module")
def rules() -> ScreenRules:
    return load_rules()


@dataclass
class Programme:
    """A landing zone of stories and approvals, and its nights."""

    folder: Path
    catalogue: Catalogue
    rules: ScreenRules
    said: list[str] = field(default_factory=list)

    def write(self, name: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        text = io.StringIO()
        csv.writer(text).writerows([header, *rows])
        path = self.folder / "landing" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.getvalue(), encoding="utf-8")

    def stories(
        self, *rows: tuple[str, str], site: str = "glasgow", consent_on: str | None = None, **more: str
    ) -> None:
        """Stories by id and consent, told on 1 May 2025; `more` gives a story's own text by its id with `_` for `-`."""
        header = STORIES if consent_on is None else (*STORIES, "consent_on")
        lines = [
            (
                story,
                "01/05/2025",
                "community",
                "confidence",
                consent,
                more.get(story.replace("-", "_"), "Told."),
                "Ours.",
            )
            for story, consent in rows
        ]
        dated = lines if consent_on is None else [(*line, consent_on) for line in lines]
        self.write(f"{site}/stories/stories_of_change.csv", header, dated)

    def approvals(
        self, *rows: tuple[str, str, str], header: Sequence[str] = APPROVALS, more: Sequence[str] = ()
    ) -> None:
        """Approvals by id, text and date."""
        lines = [(story, text, "central editor", on, *more) for story, text, on in rows]
        self.write("central/story_approvals.csv", header, lines)

    def night(self, as_of: date) -> tuple[dict[str, str], list[str]]:
        """One night: the texts that may be published, and what is said of the others."""
        settings = Settings(
            str(self.folder / "landing"), self.folder / "home", (), "duckdb", as_of, "a key of the tests, no secret"
        )
        settings.places.make()
        intake = Intake(
            settings,
            self.catalogue,
            Pseudonyms.load(settings),
            self.rules,
            Landing(settings.landing),
            datetime(as_of.year, as_of.month, as_of.day, 2, tzinfo=UTC),
        )
        for site in self.catalogue.senders:
            take_in(intake, site)
        passed, blocked = publishable(approved_texts(intake, admit(intake)), load_policy(), load_finder(intake).find)
        return {story.story_id: str(story.text) for story in passed}, [item.rule for item in blocked]


@pytest.fixture
def programme(tmp_path: Path, catalogue: Catalogue, rules: ScreenRules) -> Programme:
    made = Programme(tmp_path, catalogue, rules)
    made.stories(("GL-001", "share"), ("GL-002", "internal"))
    made.approvals(("GL-001", TEXT, "20/04/2026"), ("GL-002", "Another text.", "20/04/2026"))
    return made


def test_an_approved_text_of_a_shared_story_alone_is_published(programme: Programme) -> None:
    assert programme.night(APRIL) == ({"GL-001": TEXT}, [])


def test_withdrawn_consent_removes_the_story_at_the_next_release(programme: Programme) -> None:
    programme.night(APRIL)
    programme.stories(("GL-001", "withdrawn"), ("GL-002", "internal"))
    assert programme.night(MAY) == ({}, [])


def test_consent_that_is_given_anew_needs_a_new_approval(programme: Programme) -> None:
    programme.night(APRIL)
    programme.stories(("GL-001", "withdrawn"), ("GL-002", "share"))
    assert programme.night(MAY) == ({}, ["the approval is older than the consent: approve it anew"])
    programme.stories(("GL-001", "share"), ("GL-002", "share"), GL_001="Told again.")
    assert programme.night(JUNE) == ({}, ["the approval is older than the consent: approve it anew"] * 2)
    programme.approvals(("GL-001", TEXT, "20/06/2026"), ("GL-002", "Another text.", "21/05/2026"))
    assert programme.night(JULY) == ({"GL-001": TEXT, "GL-002": "Another text."}, [])


def test_the_bytes_from_before_a_withdrawal_do_not_undo_it(programme: Programme) -> None:
    """Somebody copies the old file back: it counts again, and the approval from before the withdrawal does not."""
    file = programme.folder / "landing/glasgow/stories/stories_of_change.csv"
    before = file.read_bytes()
    programme.night(APRIL)
    programme.stories(("GL-001", "withdrawn"))
    programme.night(MAY)
    file.write_bytes(before)
    assert programme.night(JUNE) == ({}, ["the approval is older than the consent: approve it anew"])


def test_a_day_of_consent_in_the_return_is_compared_with_the_approval(programme: Programme) -> None:
    programme.stories(("GL-001", "share"), consent_on="19/04/2026")
    assert programme.night(APRIL)[0] == {"GL-001": TEXT}
    programme.stories(("GL-001", "share"), consent_on="21/04/2026")
    assert programme.night(MAY) == ({}, ["the approval is older than the consent: approve it anew"])


def test_a_date_ahead_does_not_outlast_a_change_of_consent(programme: Programme) -> None:
    programme.approvals(("GL-001", TEXT, "01/01/2099"))
    assert programme.night(APRIL)[0] == {"GL-001": TEXT}
    programme.stories(("GL-001", "internal"))
    assert programme.night(MAY) == ({}, [])
    programme.stories(("GL-001", "share"), GL_001="Told again.")
    assert programme.night(JUNE) == ({}, ["the approval is older than the consent: approve it anew"])


def test_a_story_that_is_no_longer_in_the_newest_good_return_is_not_published(programme: Programme) -> None:
    programme.night(APRIL)
    programme.stories(("GL-002", "internal"), ("GL-003", "share"))
    assert programme.night(MAY) == ({}, [])


def test_a_withdrawal_in_a_return_that_is_held_counts(programme: Programme) -> None:
    """Most of its rows have no readable date: the last good return goes on counting, but nobody shares against a no."""
    rows = [(f"GL-{n:03d}", "no date", "community", "confidence", "share", "Told.", "Ours.") for n in range(10, 60)]
    first = ("GL-001", "01/05/2025", "community", "confidence", "withdrawn", "Told.", "Ours.")
    programme.night(APRIL)
    programme.write("glasgow/stories/stories_of_change.csv", STORIES, [first, *rows])
    assert programme.night(MAY) == ({}, [])


def test_a_return_that_cannot_be_read_changes_nothing(programme: Programme) -> None:
    programme.night(APRIL)
    programme.write("glasgow/stories/stories_of_change.csv", ("x", "y"), [("1", "2")])
    assert programme.night(MAY)[0] == {"GL-001": TEXT}


def test_a_second_line_that_takes_consent_back_counts(programme: Programme) -> None:
    programme.stories(("GL-001", "share"), ("GL-001", "withdrawn"))
    assert programme.night(APRIL) == ({}, [])


def test_an_edit_after_the_approval_voids_it_until_it_is_approved_anew(programme: Programme) -> None:
    programme.night(APRIL)
    programme.approvals(("GL-001", TEXT + " She is called Z.", "20/04/2026"))
    edited = ["the text was changed after its approval: approve it anew, with the new date"]
    assert programme.night(MAY) == ({}, edited)
    programme.approvals(("GL-001", TEXT + " She sings.", "21/05/2026"))
    assert programme.night(JUNE) == ({"GL-001": TEXT + " She sings."}, [])


def test_the_text_that_was_approved_may_come_back(programme: Programme) -> None:
    programme.night(APRIL)
    programme.approvals(("GL-001", "An edit.", "20/04/2026"))
    programme.night(MAY)
    programme.approvals(("GL-001", TEXT, "20/04/2026"), ("GL-009", "Of no story.", "20/04/2026"))
    assert programme.night(JUNE) == ({"GL-001": TEXT}, [])


@pytest.mark.parametrize(
    ("stated", "why"),
    [
        (hashlib.sha256(TEXT.encode()).hexdigest(), []),
        (hashlib.sha256(TEXT.encode()).hexdigest().upper(), []),
        (hashlib.sha256(b"What was approved.").hexdigest(), ["the text is not the one that was approved"]),
    ],
)
def test_a_digest_that_the_approver_wrote_binds_the_text(programme: Programme, stated: str, why: list[str]) -> None:
    programme.approvals(("GL-001", TEXT, "20/04/2026"), header=(*APPROVALS, "approved_sha256"), more=(stated,))
    assert programme.night(APRIL) == ({} if why else {"GL-001": TEXT}, why)


@pytest.mark.parametrize("stated", ["", "abc", "not a digest"])
def test_a_digest_that_cannot_be_read_approves_nothing(programme: Programme, stated: str) -> None:
    programme.approvals(("GL-001", TEXT, "20/04/2026"), header=(*APPROVALS, "approved_sha256"), more=(stated,))
    assert programme.night(APRIL) == ({}, [])


def test_a_text_with_spaces_that_an_office_program_put_there_is_still_the_one(programme: Programme) -> None:
    programme.approvals(("GL-001", "  A parent who\u00a0sings. ", "20/04/2026"))
    assert programme.night(APRIL) == ({"GL-001": "A parent who sings."}, [])


def test_two_approvals_of_one_story_publish_neither(programme: Programme) -> None:
    programme.approvals(("GL-001", TEXT, "20/04/2026"), ("GL-001", "Another.", "21/04/2026"))
    assert programme.night(MAY) == ({}, ["it has two approved texts"])


def test_the_same_line_twice_is_one_approval(programme: Programme) -> None:
    programme.approvals(("GL-001", TEXT, "20/04/2026"), ("GL-001", TEXT, "20/04/2026"))
    assert programme.night(APRIL)[0] == {"GL-001": TEXT}


def test_an_approval_from_before_the_story_was_told_is_none(programme: Programme) -> None:
    programme.approvals(("GL-001", TEXT, "30/04/2025"))
    assert programme.night(APRIL) == ({}, ["the approval is older than the story"])


def test_an_id_that_two_sites_use_names_no_story(programme: Programme) -> None:
    programme.stories(("GL-001", "internal"), site="grimsby")
    assert programme.night(APRIL)[0] == {}  # admission holds both returns


def test_a_text_that_was_changed_in_the_text_store_is_not_published(programme: Programme) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    programme.night(APRIL)
    (file,) = (programme.folder / "home/text/central").glob("*.parquet")
    table = pq.read_table(file)
    rows = [{**row, "text": row["text"].replace("parent", "child")} for row in table.to_pylist()]
    file.chmod(0o600)
    pq.write_table(pa.Table.from_pylist(rows, schema=table.schema), file)
    assert programme.night(MAY) == ({}, ["the text is not the one that was approved"])


def test_a_name_that_a_return_holds_blocks_an_approved_text_of_any_site(programme: Programme) -> None:
    """Somebody says who she is in the story, and the editor leaves her name in."""
    programme.stories(("GL-001", "share"), GL_001="My name is Perpetua Vance, ring me.")
    programme.stories(("PL-001", "share"), site="plymouth")
    programme.approvals(
        ("GL-001", "Perpetua now opens the room.", "20/04/2026"), ("PL-001", "Ask for perpetua vance.", "20/04/2026")
    )
    assert programme.night(APRIL) == ({}, ["the finder's rule known_participant"] * 2)


def test_a_catalogue_without_stories_has_none(programme: Programme, catalogue: Catalogue) -> None:
    contracts = tuple(item for item in catalogue.contracts if item.record not in ("story", "story_approval"))
    programme.catalogue = replace(catalogue, contracts=contracts)
    assert programme.night(APRIL) == ({}, [])


LEARNING = ("learning_id", "noted_on", "source", "activity", "insight", "recommended_action")
NOTED = "A text on the morning of the session helps people to come."


def note(programme: Programme, site: str, *ids: str, on: str = "01/06/2025") -> None:
    rows = [(item, on, "survey", "talk_pants", "As the team wrote it.", "Try it.") for item in ids]
    programme.write(f"{site}/learning/learning_log.csv", LEARNING, rows)


def test_what_was_learned_is_published_in_the_approved_words_only(programme: Programme) -> None:
    note(programme, "stoke", "L-ST-01", "L-ST-02")
    programme.approvals(("L-ST-01", NOTED, "20/04/2026"))
    assert programme.night(APRIL) == ({"L-ST-01": NOTED}, [])
    programme.approvals(("L-ST-01", NOTED + " Ring 07700 900123.", "21/04/2026"))
    published, rules = programme.night(MAY)
    assert published == {}
    assert rules


def test_a_name_in_a_text_of_learning_blocks_it(programme: Programme) -> None:
    note(programme, "stoke", "L-ST-01")
    programme.approvals(("L-ST-01", "We asked Mrs Kowalczyk to ring every family.", "20/04/2026"))
    published, rules = programme.night(APRIL)
    assert published == {}
    assert rules


def test_an_approval_of_learning_is_not_older_than_the_item(programme: Programme) -> None:
    note(programme, "stoke", "L-ST-01", on="21/04/2026")
    programme.approvals(("L-ST-01", NOTED, "20/04/2026"))
    assert programme.night(APRIL) == ({}, ["the approval is older than the learning item"])


def test_an_id_that_a_story_and_an_item_share_publishes_neither(programme: Programme) -> None:
    note(programme, "stoke", "GL-001")
    programme.approvals(("GL-001", TEXT, "20/04/2026"))
    published, rules = programme.night(APRIL)
    assert published == {}
    assert set(rules) == {"it has two approved texts"}


def test_an_item_id_of_two_sites_publishes_neither(programme: Programme) -> None:
    note(programme, "stoke", "L-01")
    note(programme, "plymouth", "L-01")
    programme.approvals(("L-01", NOTED, "20/04/2026"))
    assert programme.night(APRIL)[0] == {}


CLAIMS = ("claim_id", "claimed_on", "outcome", "strength", "what_changed")


def claim(programme: Programme, site: str, *ids: str, strength: str = "moderate") -> None:
    rows = [(item, "01/06/2025", "address", strength, "As the team of Mrs Kowalczyk wrote it.") for item in ids]
    programme.write(f"{site}/contribution/contribution_claims.csv", CLAIMS, rows)


def test_a_claim_is_published_in_the_approved_words_only(programme: Programme) -> None:
    claim(programme, "stoke", "C-ST-01", "C-ST-02")
    programme.approvals(("C-ST-01", NOTED, "20/04/2026"))
    assert programme.night(APRIL) == ({"C-ST-01": NOTED}, [])


def test_an_id_that_an_item_and_a_claim_share_publishes_neither(programme: Programme) -> None:
    claim(programme, "stoke", "C-ST-01")
    note(programme, "stoke", "C-ST-01")
    programme.approvals(("C-ST-01", NOTED, "20/04/2026"))
    published, rules = programme.night(APRIL)
    assert published == {}
    assert set(rules) == {"it has two approved texts"}
