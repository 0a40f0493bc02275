"""What packages write on import is compiled once: the same classes come of it, kept or not, and a spoilt file is no harm."""

from __future__ import annotations

import json
import marshal
import subprocess
import sys
from importlib.util import MAGIC_NUMBER
from pathlib import Path
from types import CodeType

import pytest

from tfc_platform import generated_code

ROOT = Path(__file__).resolve().parents[1]
MAKES = """
import json, sys
from pathlib import Path
from tfc_platform import generated_code
generated_code.KEPT = Path(sys.argv[1])
generated_code.use_kept()
known = len(generated_code._compiled.known)
import dataclasses, collections, typing

@dataclasses.dataclass(order=True)
class Point:
    x: int
    y: int = 3

Pair = collections.namedtuple("Pair", "one two")
def takes(pair: "list[int]", point: "Point | None" = None): pass
found = {
    "point": repr(Point(1)), "less": Point(1) < Point(2), "pair": Pair(1, 2)._asdict(),
    "hints": str(typing.get_type_hints(takes)), "module": Point.__init__.__module__, "known": known,
    "compiled anew": sum(name not in generated_code._compiled.known for name in generated_code._compiled.asked),
}
try:
    typing.ForwardRef("no type at all")
except SyntaxError as error:
    found["refused"] = str(error)
generated_code.keep()
print(json.dumps(found))
"""


def _made(kept: Path) -> dict[str, object]:
    command = [sys.executable, "-c", MAKES, str(kept)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, object] = json.loads(done.stdout)
    return found


def test_a_second_process_makes_the_same_and_compiles_nothing(tmp_path: Path) -> None:
    first, second = _made(tmp_path / "kept.bin"), _made(tmp_path / "kept.bin")
    assert first["known"] == 0
    assert first["compiled anew"] == second["known"]
    assert second["known"]
    assert second["compiled anew"] == 0
    alike = first.keys() - {"known", "compiled anew"}
    assert {name: first[name] for name in alike} == {name: second[name] for name in alike}
    assert (second["point"], second["less"], second["pair"]) == ("Point(x=1, y=3)", True, {"one": 1, "two": 2})
    assert "no type at all" in str(second["refused"])


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"of another Python" + marshal.dumps({}),
        MAGIC_NUMBER,
        MAGIC_NUMBER + b"\xff\xff",
        MAGIC_NUMBER + marshal.dumps({b"x": compile("1", "<string>", "eval")})[:-9],
    ],
)
def test_what_cannot_be_read_is_as_nothing(tmp_path: Path, content: bytes) -> None:
    kept = tmp_path / "kept.bin"
    kept.write_bytes(content)
    assert _made(kept)["known"] == 0
    assert marshal.loads(kept.read_bytes()[len(MAGIC_NUMBER) :])


def test_what_make_setup_kept_is_code_alone() -> None:
    if not generated_code.KEPT.is_file():
        pytest.skip("Nothing was prepared here: `make setup` does it.")
    found = marshal.loads(generated_code.KEPT.read_bytes()[len(MAGIC_NUMBER) :])
    assert len(found) > 2000
    assert all(isinstance(code, CodeType) for code in found.values())
