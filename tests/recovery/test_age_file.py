"""Files in the age format: what another program wrote is read, and nothing that was changed, cut or joined is."""

from __future__ import annotations

import io
from base64 import b64decode

import pytest

from tfc_platform.recovery.age_file import CHUNK, AgeError, AgeReader, AgeWriter

PASSPHRASE = "a passphrase of the tests"
LITTLE = 10  # work, for tests
# "plain text of another program", encrypted with this passphrase by pyrage 1.x, which is the age library rage.
BY_ANOTHER = b64decode(
    "YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IHNjcnlwdCBDeTNUMmlXN1JkVitKZ0p0Z2VmMmFRIDE2CkpyUW8zaENJVFZobnJpVjhM"
    "Qmc0Tm1tOUVWWmgySlh3MW0wRjlyZ3hBL1UKLS0tIEMvcEJpQWtjb2VIZUxTWE15MDJKUExnYWJpQk9uRU0wRU1EOXN4R0J2UVkK"
    "KTghC6/+3S8QZvIj1dEF5VADtFT2tTZ1XqH3H2dHiPsfHM10qzHlAu3Ks1ATeTQqmbxdgBmabg7mEeFeFQ=="
)


def encrypted(content: bytes) -> bytes:
    target = io.BytesIO()
    writer = AgeWriter(target, PASSPHRASE, LITTLE)
    for start in range(0, len(content), 7777):
        writer.write(content[start : start + 7777])
    writer.close()
    return target.getvalue()


def decrypted(sealed: bytes, passphrase: str = PASSPHRASE) -> bytes:
    reader = AgeReader(io.BytesIO(sealed), passphrase)
    return b"".join(iter(lambda: reader.read(10_000), b""))


def test_what_another_program_encrypted_is_read() -> None:
    assert decrypted(BY_ANOTHER) == b"plain text of another program"


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK])
def test_what_is_written_is_read_again(size: int) -> None:
    content = bytes(number % 251 for number in range(size))
    assert decrypted(encrypted(content)) == content


def test_nothing_of_the_text_is_in_the_file() -> None:
    assert b"plain" not in encrypted(b"plain words" * 100)


def test_every_changed_byte_is_found() -> None:
    sealed = encrypted(b"a short text")
    for place in range(len(sealed)):
        changed = bytearray(sealed)
        changed[place] ^= 1
        with pytest.raises(AgeError):
            decrypted(bytes(changed))


def test_the_last_letter_of_a_header_line_has_one_spelling() -> None:
    """Z, a and b differ from Y in the spare bits alone, which a reader of base64 may leave unread."""
    assert b"--- C/pBiAkcoeHeLSXMy02JPLgabiBOnEM0EMD9sxGBvQY\n" in BY_ANOTHER
    for letter in b"ZabcdefgABCDE":
        changed = BY_ANOTHER.replace(b"sxGBvQY\n", b"sxGBvQ%c\n" % letter)
        with pytest.raises(AgeError):
            decrypted(changed)


def test_a_cut_or_lengthened_file_is_found() -> None:
    sealed = encrypted(bytes(2 * CHUNK + 10))
    piece = CHUNK + 16
    for other in (sealed[:-1], sealed[: len(sealed) - 26], sealed[: -26 - piece], sealed + b"x", sealed + sealed[-26:]):
        with pytest.raises(AgeError):
            decrypted(other)


def test_another_passphrase_opens_nothing() -> None:
    with pytest.raises(AgeError, match="passphrase"):
        decrypted(encrypted(b"text"), PASSPHRASE + "x")


@pytest.mark.parametrize(
    "content", [b"", b"age", b"PK\x03\x04" * 10, b"age-encryption.org/v1\n-> X25519 abc\nabc\n--- abc\n"]
)
def test_another_file_is_refused(content: bytes) -> None:
    with pytest.raises(AgeError):
        decrypted(content)


def test_a_file_that_asks_for_endless_work_is_refused() -> None:
    with pytest.raises(AgeError, match="work"):
        decrypted(b"age-encryption.org/v1\n-> scrypt AAAAAAAAAAAAAAAAAAAAAA 40\nAAAA\n--- AAAA\n")
