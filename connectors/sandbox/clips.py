"""Media that the sandbox makes up: PNG pictures, MP4 videos and MP3 recordings, small, valid, and drawn from a text.

A video is H.264 whose macroblocks are raw samples (I_PCM, ITU-T H.264, 7.3.5 and 8.3.5), which needs no encoder and plays
everywhere. A recording is silence in MPEG-1 layer III frames (ISO/IEC 11172-3, 2.4.1).
"""

from __future__ import annotations

import hashlib
import io
import struct

MACROBLOCK = 16
_SCALE = 1_000
_MP3_FRAME = b"\xff\xfb\x90\xc0" + bytes(413)
"""128 kbit/s, 44.1 kHz, mono, without sound: 1,152 samples."""
_FRAME_SECONDS = 1_152 / 44_100
CHARACTERS_A_SECOND = 14


def picture(text: str, width: int, height: int, kind: str = "PNG") -> bytes:
    """Two colours of the text, one fading into the other."""
    from PIL import Image

    first, second = _colours(text)
    ramp = Image.linear_gradient("L").resize((width, height))
    out = io.BytesIO()
    Image.composite(Image.new("RGB", (width, height), first), Image.new("RGB", (width, height), second), ramp).save(
        out, kind
    )
    return out.getvalue()


def recording(text: str) -> bytes:
    """Silence as long as the text would take to say."""
    return _MP3_FRAME * max(2, round(len(text) / CHARACTERS_A_SECOND / _FRAME_SECONDS))


def movie(text: str, width: int, height: int, seconds: int) -> bytes:
    """One frame a second. Sides are rounded down to macroblocks."""
    across, down = max(1, width // MACROBLOCK), max(1, height // MACROBLOCK)
    frames = [_frame(text, across, down, number) for number in range(seconds)]
    samples = [struct.pack(">I", len(frame)) + frame for frame in frames]
    ftyp = _box(b"ftyp", b"isom", struct.pack(">I", 512), b"isomiso2avc1mp41")
    moov = _moov(across, down, samples, 0)
    moov = _moov(across, down, samples, len(ftyp) + len(moov) + 8)
    return ftyp + moov + _box(b"mdat", *samples)


def _colours(text: str) -> tuple[tuple[int, int, int], tuple[int, int, int]]:
    digest = hashlib.sha256(text.encode()).digest()
    return (digest[0], digest[1], digest[2]), (digest[3], digest[4], digest[5])


class _Bits:
    """Bits in order of significance, with Exp-Golomb codes (ITU-T H.264, 9.1)."""

    def __init__(self) -> None:
        self._bits = ""

    def u(self, value: int, width: int) -> _Bits:
        self._bits += f"{value:0{width}b}"
        return self

    def ue(self, *values: int) -> _Bits:
        for value in values:
            code = f"{value + 1:b}"
            self._bits += "0" * (len(code) - 1) + code
        return self

    def aligned(self, stop: bool = False) -> bytes:
        bits = self._bits + ("1" if stop else "")
        bits += "0" * (-len(bits) % 8)
        return int(bits, 2).to_bytes(len(bits) // 8, "big")


def _sequence(across: int, down: int) -> bytes:
    """Sequence parameter set: baseline, level 3.1, order of output is order of frames."""
    bits = _Bits().ue(0, 0, 2, 0).u(0, 1).ue(across - 1, down - 1).u(0b1_1_0_0, 4)
    return b"\x67\x42\xc0\x1f" + bits.aligned(stop=True)


def _parameters() -> bytes:
    bits = _Bits().ue(0, 0).u(0, 2).ue(0, 0, 0).u(0, 3).ue(0, 0, 0).u(0b100, 3)
    return b"\x68" + bits.aligned(stop=True)


def _frame(text: str, across: int, down: int, number: int) -> bytes:
    """An IDR slice of raw macroblocks, each of one colour; a light bar moves from left to right with the seconds."""
    header = _Bits().ue(0, 7, 0).u(0, 4).ue(number % 2).u(0, 2).ue(0, 1)
    digest = hashlib.sha256(text.encode()).digest()
    luma, blue, red = (16 + part * 200 // 255 for part in digest[:3])
    body = header.ue(25).aligned()
    for index in range(across * down):
        if index:
            body += b"\x0d\x00"  # mb_type 25 (I_PCM) and zero bits up to the next byte
        bright = index % across == number % across
        body += bytes([235 if bright else luma]) * 256 + bytes([blue]) * 64 + bytes([red]) * 64
    return b"\x65" + body + b"\x80"


def _box(kind: bytes, *content: bytes) -> bytes:
    inside = b"".join(content)
    return struct.pack(">I4s", 8 + len(inside), kind) + inside


def _full(kind: bytes, flags: int, *content: bytes) -> bytes:
    return _box(kind, struct.pack(">I", flags), *content)


def _moov(across: int, down: int, samples: list[bytes], first: int) -> bytes:
    """ISO/IEC 14496-12 and -15; `first` is where the first sample lies in the file."""
    width, height, length = across * MACROBLOCK, down * MACROBLOCK, len(samples) * _SCALE
    matrix = struct.pack(">9i", 65536, 0, 0, 0, 65536, 0, 0, 0, 1 << 30)
    sequence, parameters = _sequence(across, down), _parameters()
    config = (
        b"\x01" + sequence[1:4] + b"\xff\xe1" + struct.pack(">H", len(sequence)) + sequence + b"\x01"
        + struct.pack(">H", len(parameters)) + parameters
    )  # fmt: skip
    entry = _box(
        b"avc1", bytes(6), struct.pack(">H", 1), bytes(16), struct.pack(">HHIII", width, height, 72 << 16, 72 << 16, 0),
        struct.pack(">H", 1), bytes(32), struct.pack(">Hh", 24, -1), _box(b"avcC", config),
    )  # fmt: skip
    table = _box(
        b"stbl",
        _full(b"stsd", 0, struct.pack(">I", 1), entry),
        _full(b"stts", 0, struct.pack(">III", 1, len(samples), _SCALE)),
        _full(b"stsc", 0, struct.pack(">IIII", 1, 1, len(samples), 1)),
        _full(b"stsz", 0, struct.pack(">II", 0, len(samples)), *(struct.pack(">I", len(sample)) for sample in samples)),
        _full(b"stco", 0, struct.pack(">II", 1, first)),
    )
    media = _box(
        b"mdia",
        _full(b"mdhd", 0, struct.pack(">IIIIHH", 0, 0, _SCALE, length, 0x55C4, 0)),
        _full(b"hdlr", 0, bytes(4), b"vide", bytes(12), b"sandbox\0"),
        _box(
            b"minf", _full(b"vmhd", 1, bytes(8)), _box(b"dinf", _full(b"dref", 0, struct.pack(">I", 1), _full(b"url ", 1))),
            table,
        ),
    )  # fmt: skip
    track = _box(
        b"trak",
        _full(
            b"tkhd", 3, struct.pack(">IIIII", 0, 0, 1, 0, length), bytes(16), matrix,
            struct.pack(">II", width << 16, height << 16),
        ),
        media,
    )  # fmt: skip
    head = _full(
        b"mvhd", 0, struct.pack(">IIIIIH", 0, 0, _SCALE, length, 65536, 256), bytes(10), matrix, bytes(24),
        struct.pack(">I", 2),
    )  # fmt: skip
    return _box(b"moov", head, track)
