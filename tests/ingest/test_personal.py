"""What looks personal and what only resembles it: each kind with texts of both sorts."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tfc_platform.privacy.personal_data import PersonalDataTally, kind_of_header, kind_words, kinds_of, looks_personal

PERSONAL = {
    "email": ["jamie@example.org", "write to J.O'Neill+tfc@mail.example.co.uk, please"],
    "uk_phone": ["07700 900123", "+44 7700 900123", "(01472) 496012", "0044 (0)20 7946 0018", "mum 07700900123."],
    "nhs_number": ["943 476 5919", "NHS 943-476-5919", "9434765919"],
    "ni_number": ["AB123456C", "ab 12 34 56 c"],
    "postcode": ["DN32 7RB", "lives at 12 High St, sw1a1aa"],
    "date_of_birth": ["DOB 03/02/2015", "born 3 Feb 2015", "D.O.B.: 3-2-15"],
    "ip_address": ["192.0.2.17"],
    "position": ["53.5675, -0.0801", "55.860916 -4.251433"],
}
PLAIN = [
    "18",
    "2024-01-15",
    "15/01/2024",
    "12:30",
    "1.5",
    "East Marsh",
    "Half term",
    "1,024",
    "943 476 5918",  # the check digit is another
    "9434765918",
    "111 111 1111",
    "session 0123",
    "10-12 and 13-15",
    "01/02/2024-03/02/2024",
    "version 3.12.4",
    "256.1.1.900",
    "W1 and W2",
    "Q5_11",
    "0.731, 0.2",
    "E01013136",
    "urn:uuid:12345678-1234-1234-1234-123456789012",
]


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, texts in PERSONAL.items() for text in texts])
def test_each_kind_is_seen(kind: str, text: str) -> None:
    assert kinds_of([text])[kind] == 1
    assert looks_personal("Further", [text]) == kind


@pytest.mark.parametrize("text", PLAIN)
def test_what_only_resembles_one(text: str) -> None:
    assert kinds_of([text]) == {}
    assert looks_personal("Further", [text]) is None


def test_a_telephone_number_without_its_nought() -> None:
    assert looks_personal("Contact", ["7700900123", "7700900456"]) == "uk_phone"
    assert looks_personal("Reference", ["7700900123", "1234", "2345", "3456"]) is None


@given(st.integers(min_value=10**8, max_value=10**9 - 1))
def test_exactly_one_check_digit_makes_an_nhs_number(nine: int) -> None:
    """By the rule's own words: the weighted sum of all ten digits, the last with weight 1, is a multiple of 11."""
    passing = [digit for digit in range(10) if kinds_of([f"{nine}{digit}"])["nhs_number"]]
    weighted = sum(int(digit) * weight for digit, weight in zip(str(nine), range(10, 1, -1), strict=True))
    wanted = [digit for digit in range(10) if (weighted + digit) % 11 == 0]
    assert passing == [digit for digit in wanted if len(set(f"{nine}{digit}")) > 1]


def test_a_pupil_number_in_a_text_is_known_by_its_check_letter() -> None:
    """Weights 2 to 13, modulus 23, letters without I, O and S (DfE, Unique pupil numbers): one letter of 23 passes."""
    digits = "801200001001"
    letters = "ABCDEFGHJKLMNPQRTUVWXYZ"
    wanted = letters[sum(int(digit) * weight for weight, digit in enumerate(digits, start=2)) % 23]
    passing = [letter for letter in letters if kinds_of([f"see {letter}{digits}."])["pupil_number"]]
    assert passing == [wanted]


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        ("Parent phone number", "uk_phone"),
        ("E-mail", "email"),
        ("child_name", "name_header"),
        ("ChildName", "name_header"),
        ("Child’s name", "name_header"),
        ("Name", "name_header"),
        ("Date of birth (dd/mm/yyyy)", "date_of_birth"),
        ("D.O.B.", "date_of_birth"),
        ("NHS No.", "nhs_number"),
        ("Home address", "address"),
        ("IP Address", "ip_address"),
    ],
)
def test_names_of_columns_that_say_it(header: str, kind: str) -> None:
    assert kind_of_header(header) == kind
    assert looks_personal(header, ["-"]) == kind
    assert looks_personal(header, []) is None, "an empty column holds nothing"


@pytest.mark.parametrize(
    "header",
    ["Venue name", "Activity", "Name of activity", "Date", "Children attended", "No. of sessions", "Ward", "Hotel",
     "Recorded on", "Emailed out?", "Birthing class", "Streetwise session", "Longer than planned"],
)  # fmt: skip
def test_names_of_columns_that_do_not(header: str) -> None:
    assert kind_of_header(header) is None


def test_a_jotting_in_a_long_column_is_no_column_of_them() -> None:
    long = ["fine"] * 99
    assert looks_personal("Remarks", [*long, "07700 900123"]) is None
    assert looks_personal("Remarks", [*long[:9], "07700 900123"]) == "uk_phone", "one in ten"
    tally = PersonalDataTally("Remarks")
    for text in [*long, "07700 900123"]:
        tally.add(text)
    assert tally.found == {"uk_phone": 1}, "it is counted all the same"


def test_a_position_in_two_columns() -> None:
    assert looks_personal("LocationLatitude", ["53.56751", "53.56802"]) == "position"
    assert looks_personal("Weight", ["0.56751", "1.56802"]) is None


def test_every_kind_has_a_word_for_people() -> None:
    for kind in (*PERSONAL, "name_header", "address"):
        assert re.fullmatch(r"[A-Za-z -]+", kind_words(kind))
