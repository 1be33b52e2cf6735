"""An archive of arrays (.npz): written, and read that of anybody, bounded and never unpickled.

No more is read than the file holds, and no array before its header has the type and the shape that
are wanted. Members must be stored as :func:`numpy.savez` stores them, so nothing can expand. Here
each is written at a place where its numbers are aligned in memory: then a large one need not be
read, but is mapped, and only what is asked for comes from the disk.
"""

from __future__ import annotations

import mmap
import os
import stat
import struct
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from math import prod
from pathlib import Path
from typing import IO, Any, BinaryIO

import numpy as np
import numpy.typing as npt

SUFFIX = ".npy"
ENCRYPTED = 1
#: A pipe is opened without waiting for somebody to write into it.
HOW = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)

AnyArray = npt.NDArray[Any]
ALIGNED = 64
"""Bytes: the numbers of an array begin at a multiple, as in memory that numpy itself allocates."""
LARGE = 2**20
"""Bytes: a megabyte is read and checked within a millisecond; larger arrays are mapped."""
LOCAL = struct.Struct("<4s22xHH")
"""What stands before a member: its sign, and the lengths of its name and of its extra field."""
ZIP64 = 20
"""Bytes of the extra field with which :mod:`zipfile` tells the sizes of a large member."""
PADDING = 0x7472
"""The mark of an extra field of ours, which holds nothing."""
Header = tuple[tuple[int, ...], bool, np.dtype[Any]]


class ArchiveFault(ValueError):  # noqa: N818  it is the reason in a TraceFileError
    """What is wrong with an archive, in words that quote nothing of it."""


@contextmanager
def regular_file(path: Path) -> Iterator[BinaryIO]:
    """Open a file for reading; raises :class:`ArchiveFault` for a folder, a pipe or a device."""
    descriptor = os.open(path, HOW)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise ArchiveFault("it is no ordinary file")
    with os.fdopen(descriptor, "rb") as stream:
        yield stream


class Members:
    """The arrays of an archive by name; each is read when it is asked for.

    Raises:
        ArchiveFault: a name occurs twice, or the members are not stored as they are.
        Exception: of any kind, for a file that is no archive.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream, self._archive = stream, zipfile.ZipFile(stream)
        infos = self._archive.infolist()
        self._infos = {info.filename.removesuffix(SUFFIX): info for info in infos}
        if len(self._infos) != len(infos):
            raise ArchiveFault("two of its arrays have one name")
        if not all(_is_stored(info) for info in infos):
            raise ArchiveFault("its arrays are compressed or encrypted, as tracer never does it")
        if sum(info.file_size for info in infos) > os.fstat(stream.fileno()).st_size:
            raise ArchiveFault("its arrays would be larger than the file")

    @property
    def names(self) -> frozenset[str]:
        """The names of all arrays."""
        return frozenset(self._infos)

    def shape(self, name: str) -> tuple[int, ...]:
        """The shape that the header of an array tells."""
        with self._open(name) as stream:
            return _header(stream)[0]

    def array(self, name: str, kind: type, shape: tuple[int, ...]) -> AnyArray:
        """An array of just this type and shape."""
        wanted = np.dtype(kind)
        with self._open(name) as stream:
            found, fortran, dtype = _header(stream)
            if (found, dtype) != (shape, wanted):
                raise ArchiveFault(f"{name}: expected {wanted} of the shape {shape}")
            size = wanted.itemsize * prod(shape)
            mapped = size >= LARGE and self._mapped(name, stream.tell(), size)
            data = mapped or stream.read()
        if len(data) != size:
            raise ArchiveFault(f"{name}: its numbers are not as many as it says")
        # In the order of memory that it had: a product of matrices may depend on it.
        return np.frombuffer(data, wanted).reshape(shape, order="F" if fortran else "C")

    def _mapped(self, name: str, header: int, size: int) -> memoryview | None:
        """The bytes of a member behind its header, where they are aligned; not read yet."""
        info, file = self._infos[name], self._stream.fileno()
        self._stream.seek(info.header_offset)
        sign, *lengths = LOCAL.unpack(self._stream.read(LOCAL.size))
        start = info.header_offset + LOCAL.size + sum(lengths) + header
        if sign != b"PK\3\4" or start % ALIGNED or info.file_size != header + size:
            return None
        if start + size > os.fstat(file).st_size:
            raise ArchiveFault(f"{name}: its numbers are not as many as it says")
        whole = mmap.mmap(file, 0, access=mmap.ACCESS_READ)
        return memoryview(whole)[start : start + size]

    def text(self, name: str, most: int | None = None) -> str:
        """A single text of at most ``most`` characters."""
        with self._open(name) as stream:
            shape, _, dtype = _header(stream)
            if shape != () or dtype.kind != "U" or (most and dtype.itemsize > 4 * most):
                raise ArchiveFault(f"{name}: expected a text")
            data = stream.read()
        if len(data) != dtype.itemsize:
            raise ArchiveFault(f"{name}: its letters are not as many as it says")
        return data.decode("utf-32-le" if dtype.str[0] == "<" else "utf-32-be").rstrip("\0")

    def _open(self, name: str) -> IO[bytes]:
        if name not in self._infos:
            raise ArchiveFault(f"{name} is missing")
        return self._archive.open(self._infos[name])


def write_members(stream: BinaryIO, arrays: Mapping[str, Any]) -> None:
    """Write arrays by name, each stored as it is and aligned; in the order given.

    Raises:
        OSError: the disk refuses.
    """
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:
        for name, values in arrays.items():
            array = np.asanyarray(values)
            info = zipfile.ZipInfo(name + SUFFIX)
            info.extra = _padding(archive.fp.tell() if archive.fp else 0, info)
            with archive.open(info, "w", force_zip64=True) as member:
                np.lib.format.write_array(member, array, (1, 0), allow_pickle=False)


def _padding(offset: int, info: zipfile.ZipInfo) -> bytes:
    """An extra field after which the member, whose own header is a multiple too, is aligned."""
    field = struct.calcsize("<HH")
    before = offset + LOCAL.size + len(info.filename.encode()) + ZIP64 + field
    missing = -before % ALIGNED
    return struct.pack("<HH", PADDING, missing) + bytes(missing)


def _is_stored(info: zipfile.ZipInfo) -> bool:
    plain = info.compress_type == zipfile.ZIP_STORED and not info.flag_bits & ENCRYPTED
    return plain and info.compress_size == info.file_size


def _header(stream: IO[bytes]) -> Header:
    if np.lib.format.read_magic(stream) != (1, 0):
        raise ArchiveFault("its arrays are of another version of numpy's format")
    return np.lib.format.read_array_header_1_0(stream)
