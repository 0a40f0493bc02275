"""Files encrypted with a passphrase in the age format, version 1 (https://age-encryption.org/v1), written and read in pieces.

The program `age` opens them without this platform. The primitives are those of the package `cryptography`.
"""

from __future__ import annotations

import os
from base64 import b64decode, b64encode
from typing import BinaryIO

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

__all__ = ["AgeError", "AgeReader", "AgeWriter"]

VERSION = b"age-encryption.org/v1"
LABEL = b"age-encryption.org/v1/scrypt"
WORK_FACTOR = 18  # log2 of scrypt's N, as the program `age` has it: about a second and 256 MiB
MOST_WORK = 22
CHUNK = 64 * 1024  # bytes of text in one sealed piece
TAG = 16


class AgeError(Exception):
    """The file is damaged or cut, is no age file with a passphrase, or the passphrase is another one."""


def _base64(value: bytes) -> bytes:
    return b64encode(value).rstrip(b"=")


def _from_base64(text: bytes) -> bytes:
    """Decode one spelling only: the spare bits of a last letter are zero, so that no changed letter goes unseen."""
    value = b64decode(text + b"=" * (-len(text) % 4), validate=True)
    if _base64(value) != text:
        raise ValueError("The text is not the one way of writing these bytes.")
    return value


def _wrapping_key(passphrase: str, salt: bytes, work: int) -> bytes:
    return Scrypt(salt=LABEL + salt, length=32, n=2**work, r=8, p=1).derive(passphrase.encode())


def _derived(file_key: bytes, salt: bytes | None, info: bytes) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=salt, info=info).derive(file_key)


def _header_mac(file_key: bytes, header: bytes) -> hmac.HMAC:
    mac = hmac.HMAC(_derived(file_key, None, b"header"), hashes.SHA256())
    mac.update(header)
    return mac


def _nonce(counter: int, is_last: bool) -> bytes:
    return counter.to_bytes(11, "big") + bytes([is_last])


class AgeWriter:
    """A file to write to: `close` ends it, and one that was not closed cannot be read."""

    def __init__(self, target: BinaryIO, passphrase: str, work: int = WORK_FACTOR) -> None:
        file_key, salt, nonce = os.urandom(16), os.urandom(16), os.urandom(16)
        wrapped = ChaCha20Poly1305(_wrapping_key(passphrase, salt, work)).encrypt(bytes(12), file_key, None)
        stanza = b"-> scrypt %s %d\n%s\n" % (_base64(salt), work, _base64(wrapped))
        header = VERSION + b"\n" + stanza + b"---"
        target.write(header + b" " + _base64(_header_mac(file_key, header).finalize()) + b"\n" + nonce)
        self._target = target
        self._cipher = ChaCha20Poly1305(_derived(file_key, nonce, b"payload"))
        self._held, self._counter = bytearray(), 0

    def write(self, content: bytes) -> int:
        """Take bytes; gives how many."""
        self._held += content
        while len(self._held) > CHUNK:  # a full piece is held back: the last one is marked
            self._seal(bytes(self._held[:CHUNK]), False)
            del self._held[:CHUNK]
        return len(content)

    def close(self) -> None:
        """Write the last piece; the target stays open."""
        self._seal(bytes(self._held), True)
        self._held.clear()

    def _seal(self, piece: bytes, is_last: bool) -> None:
        self._target.write(self._cipher.encrypt(_nonce(self._counter, is_last), piece, None))
        self._counter += 1


class AgeReader:
    """A file to read from, in the order in which it was written.

    :raises AgeError: on opening and on reading.
    """

    def __init__(self, source: BinaryIO, passphrase: str) -> None:
        lines = [source.readline(200) for _ in range(4)]
        try:
            kind, salt, work = lines[1].removeprefix(b"-> ").split()
            if lines[0] != VERSION + b"\n" or kind != b"scrypt" or not lines[3].startswith(b"--- "):
                raise AgeError("This is no file that age encrypted with a passphrase.")
            if not 0 < int(work) <= MOST_WORK:
                raise AgeError("The file asks for more work than any backup needs.")
            key = _wrapping_key(passphrase, _from_base64(salt), int(work))
            file_key = ChaCha20Poly1305(key).decrypt(bytes(12), _from_base64(lines[2].removesuffix(b"\n")), None)
            header = b"".join(lines[:3]) + b"---"
            _header_mac(file_key, header).verify(_from_base64(lines[3][4:].removesuffix(b"\n")))
        except (InvalidTag, InvalidSignature):
            raise AgeError("The passphrase is another one, or the file is damaged.") from None
        except ValueError:
            raise AgeError("This is no file that age encrypted with a passphrase.") from None
        self._source = source
        self._cipher = ChaCha20Poly1305(_derived(file_key, source.read(16), b"payload"))
        self._next = source.read(CHUNK + TAG)
        self._text, self._counter, self._ended = bytearray(), 0, False

    def read(self, size: int) -> bytes:
        """At most `size` bytes; none at the end."""
        while len(self._text) < size and not self._ended:
            self._open_piece()
        piece = bytes(self._text[:size])
        del self._text[:size]
        return piece

    def _open_piece(self) -> None:
        piece, self._next = self._next, self._source.read(CHUNK + TAG)
        self._ended = not self._next
        try:
            self._text += self._cipher.decrypt(_nonce(self._counter, self._ended), piece, None)
        except (InvalidTag, ValueError):
            raise AgeError("The file is damaged or cut.") from None
        self._counter += 1
