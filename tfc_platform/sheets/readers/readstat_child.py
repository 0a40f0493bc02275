"""A process of its own that tries an SPSS or Stata file. Damaged ones can end the C library that reads them, and the process.

Called with the name of pyreadstat's function and `all` or `labels`; the file comes by the standard input, and nothing goes out.
"""

from __future__ import annotations

import contextlib
import io
import sys

import pyreadstat

if __name__ == "__main__":
    with contextlib.suppress(Exception):  # what the reader itself refuses is judged by who called
        getattr(pyreadstat, sys.argv[1])(
            io.BytesIO(sys.stdin.buffer.read()), metadataonly=sys.argv[2] == "labels", output_format="dict"
        )
