"""SPSS files: a case becomes missing in every variable, in the bytes; dictionary, labels and all other cases stay as they are.

The layout is that of the PSPP project's description of the format ("System File Format", PSPP Internals Manual). A compressed
file (`.zsav`, magic `$FL3`) is kept as the same file without the outer compression, which every reader takes.
"""

from __future__ import annotations

import struct
import sys
import zlib
from collections.abc import Mapping, Set
from dataclasses import dataclass

from tfc_platform.contracts.model import Reading
from tfc_platform.ingest.redact.failure import CannotRedact

__all__ = ["redact"]

HEADER = 176
LAYOUT, COMPRESSION = 64, 72  # offsets
PLAIN, BYTECODE, ZLIB = 0, 1, 2
SKIP, END, LITERAL, SPACES, MISSING = 0, 252, 253, 254, 255
UNIT = 8


@dataclass(frozen=True)
class _Dictionary:
    """What the data depend on: byte order, compression, whether each unit of eight bytes is text, and where they begin."""

    order: str
    compression: int
    is_text: tuple[bool, ...]
    data: int
    missing: bytes


def _int(content: bytes, at: int, order: str) -> int:
    value: int = struct.unpack_from(f"{order}i", content, at)[0]
    return value


def _dictionary(content: bytes) -> _Dictionary:
    order = next((order for order in "<>" if _int(content, LAYOUT, order) in (2, 3)), None)
    if order is None:
        raise CannotRedact("The SPSS file has a layout that is not known.")
    at, is_text = HEADER, list[bool]()
    missing = struct.pack(f"{order}d", -sys.float_info.max)
    while (kind := _int(content, at, order)) != 999:
        if kind == 2:
            width, has_label, absent = (_int(content, at + 4 * place, order) for place in (1, 2, 3))
            is_text.append(width != 0)
            at += 32
            if has_label:
                at += 4 + -(-_int(content, at, order) // 4) * 4
            at += UNIT * abs(absent)
        elif kind == 3:
            count = _int(content, at + 4, order)
            at += 8
            for _ in range(count):
                at += UNIT + -(-(content[at + UNIT] + 1) // UNIT) * UNIT
        elif kind == 4:
            at += 8 + 4 * _int(content, at + 4, order)
        elif kind == 6:
            at += 8 + 80 * _int(content, at + 4, order)
        elif kind == 7:
            subtype, size, count = (_int(content, at + 4 * place, order) for place in (1, 2, 3))
            if subtype == 4 and size == UNIT:
                missing = content[at + 16 : at + 16 + UNIT]
            at += 16 + size * count
        else:
            raise CannotRedact("The dictionary of the SPSS file cannot be read.")
    return _Dictionary(order, _int(content, COMPRESSION, order), tuple(is_text), at + 8, missing)


def _unpacked(content: bytes, found: _Dictionary) -> bytes:
    """The compressed blocks of a `.zsav`, joined."""
    trailer = struct.unpack_from(f"{found.order}3q", content, found.data)[1]
    blocks = _int(content, trailer + 20, found.order)
    joined = []
    for number in range(blocks):
        _, start, _, size = struct.unpack_from(f"{found.order}2q2i", content, trailer + 24 + 24 * number)
        joined.append(zlib.decompress(content[start : start + size]))
    return b"".join(joined)


def _plain(data: bytes, found: _Dictionary, rows: Set[int]) -> bytes:
    blank = b"".join(b" " * UNIT if text else found.missing for text in found.is_text)
    size, edited = len(blank), bytearray(data)
    for row in rows:
        if size * row > len(data):
            raise CannotRedact("The SPSS file has fewer cases than it was read with.")
        edited[size * (row - 1) : size * row] = blank
    return bytes(edited)


def _bytecode(data: bytes, found: _Dictionary, rows: Set[int]) -> bytes:
    """Eight codes, then the literal units that they ask for, and so on; the units of all cases follow one another."""
    out, at, unit, width = bytearray(), 0, 0, len(found.is_text)
    while at + UNIT <= len(data):
        codes = bytearray(data[at : at + UNIT])
        at += UNIT
        literals = bytearray()
        for place, code in enumerate(codes):
            if code == END:
                return bytes(out + codes + literals + data[at:])
            if code == SKIP:
                continue
            literal = b""
            if code == LITERAL:
                literal, at = data[at : at + UNIT], at + UNIT
            if unit // width + 1 in rows:
                codes[place], literal = (SPACES if found.is_text[unit % width] else MISSING), b""
            literals += literal
            unit += 1
        out += codes + literals
    return bytes(out + data[at:])


def redact(content: bytes, rows: Mapping[str | None, Set[int]], reading: Reading) -> bytes:
    """:raises CannotRedact: where the file is not laid out as the format says."""
    wanted = rows.get(None, set())
    try:
        found = _dictionary(content)
        head, data = content[: found.data], content[found.data :]
        if found.compression == ZLIB:
            packed = struct.pack(f"{found.order}i", BYTECODE)
            head = b"$FL2" + head[4:COMPRESSION] + packed + head[COMPRESSION + 4 :]
            data = _unpacked(content, found)
        return head + (_plain if found.compression == PLAIN else _bytecode)(data, found, wanted)
    except (struct.error, IndexError, zlib.error):
        raise CannotRedact("The SPSS file ends before it should.") from None
