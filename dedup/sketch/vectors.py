"""Vector instructions that numba has no word for, written in LLVM's vector types.

LLVM turns them into what the processor has (AVX-512, AVX2, NEON); they are the same arithmetic
everywhere. Each takes arrays and indices rather than addresses, so that numba keeps the arrays
alive. None checks a bound: `dedup.sketch.kernel` gives its arrays `SLACK`.

They are worth their length where signatures are all that is made: `signatures` takes half the time
of the same kernel in plain numba, `dedup sketch` a tenth less processor time, while `filter` and
`scan` gain nothing that shows (``benchmarks/results/kernel_vectors.json``).

XXH32: Collet, https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md.
"""

# numba and llvmlite declare no types, and an intrinsic's parameters are looked at by number:
# ruff: noqa: ANN401, ARG001
# mypy: disallow-untyped-calls=False

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

LANES = 16
"""Shingles hashed at a time."""

PERMUTED = 64
"""Permutations held in registers at a time; permutations come padded to a multiple of it."""

_P1, _P2, _P3, _P4, _P5 = 0x9E3779B1, 0x85EBCA77, 0xC2B2AE3D, 0x27D4EB2F, 0x165667B1
_SPACE = 0x20

_i8, _i32, _i64 = ir.IntType(8), ir.IntType(32), ir.IntType(64)
_bytes64 = ir.VectorType(_i8, 64)
_words4 = ir.VectorType(_i32, 4)
_words16 = ir.VectorType(_i32, LANES)
_permuted = ir.VectorType(_i32, PERMUTED)


def _instruction(function: Callable[..., Any]) -> Any:
    """Make an intrinsic of a function that returns a signature and what writes it in LLVM."""
    return intrinsic(function)


def _splat(vector: Any, value: int) -> Any:
    return ir.Constant(vector, [value] * vector.count)


def _pointer(context: Any, builder: Any, kind: Any, array: Any, index: Any, to: Any) -> Any:
    data = context.make_array(kind)(context, builder, array).data
    return builder.bitcast(builder.gep(data, [index]), to.as_pointer())


def _rotate(builder: Any, value: Any, left: int) -> Any:
    kind = value.type
    high = builder.shl(value, _splat(kind, left))
    return builder.or_(high, builder.lshr(value, _splat(kind, 32 - left)))


@_instruction
def fold64(typing: Any, text: Any, at: Any, folded: Any, to: Any) -> Any:
    """Fold ``text[at:at + 64]`` to ``folded[to:to + 64]``; return two sets of marks.

    The first marks separators, the second the apostrophe and what is not ASCII.
    """

    def write(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        source = _pointer(context, builder, signature.args[0], args[0], args[1], _bytes64)
        target = _pointer(context, builder, signature.args[2], args[2], args[3], _bytes64)
        codes = builder.load(source, align=1)
        lower = builder.or_(codes, _splat(_bytes64, 0x20))
        offset = builder.sub(lower, _splat(_bytes64, ord("a")))
        alpha = builder.icmp_unsigned("<", offset, _splat(_bytes64, 26))
        offset = builder.sub(codes, _splat(_bytes64, ord("0")))
        digit = builder.icmp_unsigned("<", offset, _splat(_bytes64, 10))
        space = _splat(_bytes64, _SPACE)
        out = builder.select(alpha, lower, builder.select(digit, codes, space))
        builder.store(out, target, align=1)
        special = builder.or_(
            builder.icmp_signed("<", codes, _splat(_bytes64, 0)),
            builder.icmp_unsigned("==", codes, _splat(_bytes64, ord("'"))),
        )
        separator = builder.not_(builder.or_(builder.or_(alpha, digit), special))
        marks = [builder.bitcast(mask, _i64) for mask in (separator, special)]
        return cgutils.pack_array(builder, marks)

    return types.UniTuple(types.uint64, 2)(text, types.int64, folded, types.int64), write


@_instruction
def spaces64(typing: Any, folded: Any, at: Any) -> Any:
    """Return the marks of the spaces in ``folded[at:at + 64]``."""

    def write(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        source = _pointer(context, builder, signature.args[0], args[0], args[1], _bytes64)
        codes = builder.load(source, align=1)
        return builder.bitcast(builder.icmp_unsigned("==", codes, _splat(_bytes64, _SPACE)), _i64)

    return types.uint64(folded, types.int64), write


@_instruction
def copy64(typing: Any, source: Any, at: Any, target: Any, to: Any) -> Any:
    """Copy ``source[at:at + 64]`` to ``target[to:to + 64]``."""

    def write(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        start = _pointer(context, builder, signature.args[0], args[0], args[1], _bytes64)
        end = _pointer(context, builder, signature.args[2], args[2], args[3], _bytes64)
        builder.store(builder.load(start, align=1), end, align=1)
        return context.get_dummy_value()

    return types.void(source, types.int64, target, types.int64), write


@_instruction
def load32(typing: Any, array: Any, at: Any) -> Any:
    """Read four bytes, little-endian, as an unsigned integer."""

    def write(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        source = _pointer(context, builder, signature.args[0], args[0], args[1], _i32)
        return builder.load(source, align=1)

    return types.uint32(array, types.int64), write


@_instruction
def load64(typing: Any, array: Any, at: Any) -> Any:
    """Read eight bytes, little-endian, as an unsigned integer."""

    def write(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        source = _pointer(context, builder, signature.args[0], args[0], args[1], _i64)
        return builder.load(source, align=1)

    return types.uint64(array, types.int64), write


@_instruction
def rotate(typing: Any, value: Any, left: Any) -> Any:
    """Rotate the bits of an integer."""

    def write(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        bits = args[0].type
        left = args[1] if bits == _i64 else builder.trunc(args[1], bits)
        right = builder.sub(ir.Constant(bits, bits.width), left)
        return builder.or_(builder.shl(args[0], left), builder.lshr(args[0], right))

    return value(value, types.int64), write


@_instruction
def lowest_mark(typing: Any, marks: Any) -> Any:
    """Return the number of the lowest bit that is set, 64 where none is."""

    def write(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.cttz(args[0], ir.Constant(ir.IntType(1), 0))

    return types.int64(types.uint64), write


@_instruction
def count_marks(typing: Any, marks: Any) -> Any:
    """Return how many bits are set."""

    def write(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.ctpop(args[0])

    return types.int64(types.uint64), write


@_instruction
def min16(typing: Any, values: Any, at: Any, other: Any) -> Any:
    """Lower each of ``values[at:at + 16]`` to its counterpart in ``values[other:other + 16]``."""

    def write(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        near = _pointer(context, builder, signature.args[0], args[0], args[1], _words16)
        far = _pointer(context, builder, signature.args[0], args[0], args[2], _words16)
        a, b = builder.load(near, align=4), builder.load(far, align=4)
        builder.store(builder.select(builder.icmp_unsigned("<", a, b), a, b), near, align=4)
        return context.get_dummy_value()

    return types.void(values, types.int64, types.int64), write


@_instruction
def sign(typing: Any, mixed: Any, count: Any, a: Any, b: Any, row: Any, at: Any) -> Any:
    """Write the least values of permutations ``at`` to ``at + PERMUTED`` to ``row``."""

    def write(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        def load(number: int) -> Any:
            kind, array = signature.args[number], args[number]
            pointer = _pointer(context, builder, kind, array, args[5], _permuted)
            return builder.load(pointer, align=4)

        factor, term = load(2), load(3)
        least = cgutils.alloca_once_value(builder, _splat(_permuted, 0xFFFFFFFF))
        data = context.make_array(signature.args[0])(context, builder, args[0]).data
        lane = ir.Constant(_permuted, ir.Undefined)
        first = ir.Constant(ir.VectorType(_i32, PERMUTED), [0] * PERMUTED)
        with cgutils.for_range(builder, args[1]) as loop:
            value = builder.load(builder.gep(data, [loop.index]))
            value = builder.insert_element(lane, value, ir.Constant(_i32, 0))
            value = builder.shuffle_vector(value, lane, first)
            value = builder.add(builder.mul(value, factor), term)
            old = builder.load(least)
            lower = builder.icmp_unsigned("<", value, old)
            builder.store(builder.select(lower, value, old), least)
        target = _pointer(context, builder, signature.args[4], args[4], args[5], _permuted)
        builder.store(builder.load(least), target, align=4)
        return context.get_dummy_value()

    return types.void(mixed, types.int64, a, b, row, types.int64), write


def _transposed(builder: Any, rows: list[Any]) -> list[Any]:
    """Turn 16 rows of 4 words into 4 columns of 16, in AVX's unpacking steps."""

    def shuffle(a: Any, b: Any, order: list[int]) -> Any:
        mask = ir.Constant(ir.VectorType(_i32, len(order)), order)
        return builder.shuffle_vector(a, b, mask)

    def joined(a: Any, b: Any) -> Any:
        return shuffle(a, b, list(range(2 * a.type.count)))

    def unpacked(a: Any, b: Any, places: list[int]) -> Any:
        return shuffle(a, b, [4 * group + place for group in range(4) for place in places])

    quarters = [joined(joined(*rows[i:8:4]), joined(*rows[i + 8 :: 4])) for i in range(4)]
    low = [0, LANES, 1, LANES + 1]
    high = [2, LANES + 2, 3, LANES + 3]
    even, odd = [0, 1, LANES, LANES + 1], [2, 3, LANES + 2, LANES + 3]
    columns = []
    for half in (low, high):
        left = unpacked(quarters[0], quarters[1], half)
        right = unpacked(quarters[2], quarters[3], half)
        columns += [unpacked(left, right, even), unpacked(left, right, odd)]
    return columns


@_instruction
def hash16(typing: Any, folded: Any, starts: Any, at: Any, k: Any, hashes: Any) -> Any:
    """XXH32 of the shingles ``at`` to ``at + 16``, to ``hashes[at:at + 16]``; 16 lanes, masked."""

    def write(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        text = context.make_array(signature.args[0])(context, builder, args[0]).data
        first, k = args[2], args[3]
        place = context.make_array(signature.args[1])(context, builder, args[1]).data
        offsets = ir.VectorType(_i64, LANES)

        def load_starts(index: Any) -> Any:
            pointer = builder.bitcast(builder.gep(place, [index]), offsets.as_pointer())
            return builder.load(pointer, align=8)

        def load_columns(begins: list[Any]) -> list[Any]:
            pointers = [
                builder.bitcast(builder.gep(text, [begin]), _words4.as_pointer())
                for begin in begins
            ]
            return _transposed(builder, [builder.load(pointer, align=1) for pointer in pointers])

        def constant(value: int) -> Any:
            return _splat(_words16, value & 0xFFFFFFFF)

        def scaled(value: Any, factor: int) -> Any:
            return builder.mul(value, constant(factor))

        def where_more(counts: Any, than: Any, new: Any, old: Any) -> Any:
            return builder.select(builder.icmp_signed(">", counts, than), new, old)

        begins = load_starts(first)
        lengths = builder.sub(load_starts(builder.add(first, k)), begins)
        lengths = builder.sub(builder.trunc(lengths, _words16), constant(1))
        lengths = where_more(lengths, constant(0), lengths, constant(0))
        begin = [builder.extract_element(begins, ir.Constant(_i32, i)) for i in range(LANES)]
        stripes = builder.lshr(lengths, constant(4))

        most = stripes
        for distance in (8, 4, 2, 1):
            order = [(i + distance) % LANES for i in range(LANES)]
            other = builder.shuffle_vector(most, most, ir.Constant(_words16, order))
            most = where_more(most, other, most, other)
        rounds = builder.zext(builder.extract_element(most, ir.Constant(_i32, 0)), _i64)

        seeds = (_P1 + _P2, _P2, 0, -_P1)
        sums = [cgutils.alloca_once_value(builder, constant(seed)) for seed in seeds]
        with cgutils.for_range(builder, rounds) as loop:
            ahead = builder.shl(loop.index, ir.Constant(_i64, 4))
            columns = load_columns([builder.add(one, ahead) for one in begin])
            number = builder.trunc(loop.index, _i32)
            number = builder.insert_element(
                ir.Constant(_words16, ir.Undefined), number, ir.Constant(_i32, 0)
            )
            number = builder.shuffle_vector(number, number, ir.Constant(_words16, [0] * LANES))
            for total, column in zip(sums, columns, strict=True):
                old = builder.load(total)
                new = _rotate(builder, builder.add(old, scaled(column, _P2)), 13)
                builder.store(where_more(stripes, number, scaled(new, _P1), old), total)

        value = None
        for total, left in zip(sums, (1, 7, 12, 18), strict=True):
            turned = _rotate(builder, builder.load(total), left)
            value = turned if value is None else builder.add(value, turned)
        value = where_more(stripes, constant(0), value, constant(_P5))
        value = builder.add(value, lengths)

        skipped = builder.zext(builder.and_(lengths, constant(~15)), offsets)
        tails = builder.add(begins, skipped)
        columns = load_columns(
            [builder.extract_element(tails, ir.Constant(_i32, i)) for i in range(LANES)]
        )
        words = builder.lshr(builder.and_(lengths, constant(15)), constant(2))
        for number, column in enumerate(columns[:3]):
            new = _rotate(builder, builder.add(value, scaled(column, _P3)), 17)
            value = where_more(words, constant(number), scaled(new, _P4), value)
        last = columns[0]
        for number, column in enumerate(columns[1:]):
            last = where_more(words, constant(number), column, last)
        odd = builder.and_(lengths, constant(3))
        for number in range(3):
            byte = builder.and_(builder.lshr(last, constant(8 * number)), constant(0xFF))
            new = _rotate(builder, builder.add(value, scaled(byte, _P5)), 11)
            value = where_more(odd, constant(number), scaled(new, _P1), value)

        for right, factor in ((15, _P2), (13, _P3)):
            value = scaled(builder.xor(value, builder.lshr(value, constant(right))), factor)
        value = builder.xor(value, builder.lshr(value, constant(16)))
        target = _pointer(context, builder, signature.args[4], args[4], first, _words16)
        builder.store(value, target, align=4)
        return context.get_dummy_value()

    return types.void(folded, starts, types.int64, types.int64, hashes), write
