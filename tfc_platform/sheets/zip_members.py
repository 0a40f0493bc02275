"""A zip's list of members, judged before anything is unpacked, and each member unpacked once in pieces under a limit.

A list may lie about sizes, and some readers believe the data instead of the list; so both are held to the limit.
"""

from __future__ import annotations

import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator

from tfc_platform.sheets.sheet_model import Unreadable, Unsafe

__all__ = ["members_of", "open_archive"]

MOST_UNPACKED = 2**30  # bytes; a workbook of a million rows of ten columns unpacks to about 300 MiB
MOST_RATIO = 100  # unpacked to packed; sheets of real workbooks have 5 to 20, bombs near 1000 (1032 is the most that deflate can)
SMALL = 2**20  # bytes; below this a high ratio harms nobody: a table of repeated cells has one
MOST_MEMBERS = 5000
PIECE = 2**18  # bytes that are unpacked at a time
PACKED_PIECE = 2**16  # bytes
LOCAL_HEADER = 30
DTD = (b"<!DOCTYPE", b"<!ENTITY", "<!DOCTYPE".encode("utf-16-le"), "<!DOCTYPE".encode("utf-16-be"))
OVERLAP = max(map(len, DTD)) - 1
DAMAGED = "The file is damaged or incomplete: save it again and send it again."
TOO_MUCH = "The file unpacks to far more than a return holds. It was not opened."


def _check_name(member: zipfile.ZipInfo) -> None:
    """Refuse names that would be written elsewhere by whoever unpacks the archive."""
    name = member.orig_filename
    is_outside = name.startswith(("/", "\\")) or "\\" in name or "\x00" in name or ".." in name.split("/")
    is_drive = len(name) > 1 and name[1] == ":"
    if is_outside or is_drive or stat.S_ISLNK(member.external_attr >> 16):
        raise Unsafe("The file holds a member with an unsafe path. It was not opened.")


def _check_list(members: list[zipfile.ZipInfo], size: int) -> None:
    for member in members:
        _check_name(member)
    if len(members) > MOST_MEMBERS:
        raise Unsafe(f"The file holds more than {MOST_MEMBERS} members. It was not opened.")
    if len({member.filename for member in members}) < len(members):
        raise Unsafe("The file holds two members under one name, which readers take differently. It was not opened.")
    if any(member.flag_bits & 1 for member in members):
        raise Unreadable("The file is protected by a password. Remove the password and send it again.")
    unpacked = sum(member.file_size for member in members)
    if unpacked > MOST_UNPACKED or any(_is_bomb(member.file_size, member.compress_size) for member in members):
        raise Unsafe(TOO_MUCH)
    if _is_bomb(unpacked, size):
        raise Unsafe(TOO_MUCH)


def _is_bomb(unpacked: int, packed: int) -> bool:
    return unpacked > SMALL and unpacked > MOST_RATIO * max(packed, 1)


def _packed(content: bytes, members: list[zipfile.ZipInfo]) -> list[memoryview]:
    """The packed bytes of each member, which may not share any: a bomb has a thousand members on the same bytes."""
    found, done = [], 0
    view = memoryview(content)
    for member in sorted(members, key=lambda item: item.header_offset):
        start = member.header_offset
        if start < done or content[start : start + 4] != b"PK\x03\x04":
            raise Unreadable(DAMAGED)
        lengths = struct.unpack_from("<2H", content, start + 26)
        start += LOCAL_HEADER + sum(lengths)
        done = start + member.compress_size
        if done > len(content):
            raise Unreadable(DAMAGED)
        found.append(view[start:done])
    return found


def _unpack(member: zipfile.ZipInfo, packed: memoryview) -> None:
    """Unpack a member to nowhere: it must end where its list says, and its XML may declare no entities."""
    is_xml = member.filename.lower().endswith((".xml", ".rels", ".vml"))
    if member.compress_type == zipfile.ZIP_STORED:
        if member.compress_size != member.file_size:
            raise Unsafe(TOO_MUCH)
        if is_xml:
            _check_xml(bytes(packed))
        if zlib.crc32(packed) != member.CRC:
            raise Unreadable(DAMAGED)
        return
    if member.compress_type != zipfile.ZIP_DEFLATED:
        raise Unreadable(
            "The file is packed in a way that office programs do not use: save it again and send it again."
        )
    size, tail, check = 0, b"", 0
    for piece in _pieces(packed):
        size += len(piece)
        check = zlib.crc32(piece, check)
        if size > member.file_size:
            raise Unsafe(TOO_MUCH)
        if is_xml:
            _check_xml(tail + piece)
            tail = piece[-OVERLAP:]
    if size != member.file_size or check != member.CRC:
        raise Unreadable(DAMAGED)


def _pieces(packed: memoryview) -> Iterator[bytes]:
    """What is packed, at most `PIECE` bytes at a time."""
    unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
    for start in range(
        0, len(packed), PACKED_PIECE
    ):  # what is left of the input is copied each time: it has to be short
        rest = bytes(packed[start : start + PACKED_PIECE])
        while rest and not unpacker.eof:
            yield unpacker.decompress(rest, PIECE)
            rest = unpacker.unconsumed_tail
    while not unpacker.eof:
        piece = unpacker.decompress(b"", PIECE)
        if not piece:
            raise Unreadable(DAMAGED)
        yield piece


def _check_xml(piece: bytes) -> None:
    """No office program writes entities; they serve to unpack a few bytes to gigabytes, or to fetch other files."""
    if any(mark in piece for mark in DTD):
        raise Unsafe("The file declares XML entities, which no export does. It was not opened.")


def members_of(content: bytes) -> list[zipfile.ZipInfo]:
    """The members of a zip that is safe to unpack.

    :raises Unsafe: where it would do harm.
    :raises Unreadable: where it is damaged or protected.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
    except Exception:  # a damaged list makes the library stumble in many ways
        raise Unreadable(DAMAGED) from None
    _check_list(members, len(content))
    try:
        ordered = sorted(members, key=lambda item: item.header_offset)
        for member, packed in zip(ordered, _packed(content, members), strict=True):
            _unpack(member, packed)
    except (zlib.error, struct.error):
        raise Unreadable(DAMAGED) from None
    return members


def open_archive(content: bytes) -> zipfile.ZipFile:
    """A zip whose members were looked at before (`members_of`)."""
    return zipfile.ZipFile(io.BytesIO(content))
