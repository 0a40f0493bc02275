"""Archives that would do harm: refused by what their bytes do, within a second's work and little memory; real ones pass."""

from __future__ import annotations

import io
import struct
import subprocess
import sys
import zipfile
from collections.abc import Callable

import pytest

from tfc_platform.sheets.sheet_model import Unreadable, Unsafe
from tfc_platform.sheets.zip_members import members_of

SHEET = "xl/worksheets/sheet1.xml"


def archive(members: dict[str, bytes], kind: int = zipfile.ZIP_DEFLATED) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", kind) as file:
        for name, text in members.items():
            file.writestr(name, text)
    return content.getvalue()


def bomb(megabytes: int) -> bytes:
    content = io.BytesIO()
    with (
        zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as file,
        file.open(SHEET, "w", force_zip64=False) as member,
    ):
        for _ in range(megabytes):
            member.write(b"\0" * 2**20)
    return content.getvalue()


def lying(content: bytes, size: int) -> bytes:
    """The same archive, whose lists say that its first member unpacks to `size` bytes."""
    changed = bytearray(content)
    central = content.index(b"PK\x01\x02")
    struct.pack_into("<I", changed, 22, size)
    struct.pack_into("<I", changed, central + 24, size)
    return bytes(changed)


LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha">'
    + b"".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">'.encode() for n in range(9))
    + b"]><worksheet>&j;</worksheet>"
)
HARMFUL: dict[str, Callable[[], bytes]] = {
    "a member that unpacks a thousand times": lambda: bomb(300),
    "many of them": lambda: archive({f"xl/{n}.xml": b"\0" * 2_000_000 for n in range(20)}),
    "a list that lies": lambda: lying(bomb(300), 4000),
    "entities": lambda: archive({SHEET: LAUGHS, "xl/workbook.xml": b"<w/>"}),
    "entities, not packed": lambda: archive({SHEET: LAUGHS}, zipfile.ZIP_STORED),
    "entities behind a long comment": lambda: archive({SHEET: b"<!--" + bytes(range(65, 91)) * 9999 + b"-->" + LAUGHS}),
    "above its folder": lambda: archive({"../evil.csv": b"x"}),
    "above its folder within": lambda: archive({"xl/../../evil": b"x", "xl/workbook.xml": b"<x/>"}),
    "from the root": lambda: archive({"/etc/passwd": b"x"}),
    "on a drive": lambda: archive({"C:/evil": b"x"}),
    "with other slashes": lambda: archive({"xl\\..\\evil": b"x"}),
    "too many": lambda: archive({f"{n}": b"" for n in range(5001)}, zipfile.ZIP_STORED),
}


@pytest.mark.parametrize("what", HARMFUL)
def test_what_does_harm_is_not_opened(what: str) -> None:
    with pytest.raises(Unsafe, match="not opened"):
        members_of(HARMFUL[what]())


def test_a_link_is_not_followed() -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as file:
        link = zipfile.ZipInfo("answers.csv")
        link.external_attr = 0o120777 << 16
        file.writestr(link, "/etc/passwd")
    with pytest.raises(Unsafe, match="unsafe path"):
        members_of(content.getvalue())


def test_two_members_of_one_name() -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as file:
        file.writestr(SHEET, "<a/>")
        with pytest.warns(UserWarning, match="Duplicate name"):
            file.writestr(SHEET, "<b/>")
    with pytest.raises(Unsafe, match="two members under one name"):
        members_of(content.getvalue())


def test_members_that_share_their_bytes() -> None:
    """The list of Fifield's bomb (2019): many members, one packed content."""
    content = archive({"a.xml": b"abc" * 100, "b.xml": b"abd" * 100})
    second = content.index(b"PK\x01\x02", content.index(b"PK\x01\x02") + 1)
    shared = bytearray(content)
    struct.pack_into("<I", shared, second + 42, 0)
    with pytest.raises(Unreadable, match="damaged or incomplete"):
        members_of(bytes(shared))


def test_a_member_that_is_protected() -> None:
    content = bytearray(archive({"answers.csv": b"a,b"}))
    content[content.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(Unreadable, match="password"):
        members_of(bytes(content))


def test_a_byte_that_changed_on_the_way() -> None:
    content = bytearray(archive({"answers.csv": b"abcdefgh"}, zipfile.ZIP_STORED))
    content[content.index(b"abcdefgh")] ^= 1
    with pytest.raises(Unreadable, match="damaged or incomplete"):
        members_of(bytes(content))


def test_ordinary_archives_pass(book_of: Callable[..., bytes]) -> None:
    assert members_of(book_of({"A": [[1] * 200] * 1000}))
    assert members_of(archive({"xl/a..b.xml": b"<x/>", "folder/": b""}))
    assert members_of(archive({"zeros.csv": b"0" * 1_000_000})), "a table of one repeated cell is no bomb"


MEASURE = """
import resource, sys, time
from tfc_platform.sheets import file_format
from tfc_platform.sheets.sheet_model import Unreadable
content = sys.stdin.buffer.read()
before = resource.getrusage(resource.RUSAGE_SELF)
try:
    print(file_format.recognise(content))
except Unreadable as error:
    print(type(error).__name__)
after = resource.getrusage(resource.RUSAGE_SELF)
most = next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM"))  # maxrss is the parent's too
print(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, int(most) // 1024)
"""


@pytest.mark.parametrize("what", list(HARMFUL)[:4])
def test_refusing_takes_a_second_and_200_mib_at_most(what: str) -> None:
    content = HARMFUL[what]()
    done = subprocess.run([sys.executable, "-c", MEASURE], input=content, capture_output=True, check=True)
    word, measured = done.stdout.decode().splitlines()
    seconds, mebibytes = map(float, measured.split())
    assert word == "Unsafe"
    assert seconds < 5, "1 s is asked for, and this machine may be busy"
    assert mebibytes < 200
