"""Trees, proofs and notes against the public vectors of RFC 6962, C2SP signed-note and tlog-checkpoint, and
by property."""

from __future__ import annotations

import base64
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit import tlog
from audit.verify import (
    EMPTY_ROOT,
    Key,
    Unreadable,
    consistent,
    head_leaf,
    leaf_hash,
    parse_checkpoint,
    parse_checkpoints,
    parse_key,
    parse_note,
    root_of_proof,
)

# Inputs and roots of the test tree of Certificate Transparency (RFC 6962), as in the reference
# implementations.
INPUTS = [
    bytes.fromhex(h)
    for h in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
INCLUSION = [
    (1, 1, []),
    (
        1,
        8,
        [
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ],
    ),
    (
        6,
        8,
        [
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
    (3, 3, ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]),
    (
        2,
        5,
        [
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ],
    ),
]
"""Leaf counted from 1, size of the tree, path."""
CONSISTENCY = [
    (1, 1, []),
    (
        1,
        8,
        [
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ],
    ),
    (
        6,
        8,
        [
            "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
    (
        2,
        5,
        [
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ],
    ),
]
LEAVES = [bytes.fromhex(leaf_hash(data)) for data in INPUTS]


def leaves(count: int) -> list[bytes]:
    return [hashlib.sha256(b"\x00" + str(n).encode()).digest() for n in range(count)]


def hexed(path: list[bytes]) -> list[str]:
    return [h.hex() for h in path]


def test_the_empty_tree_has_the_hash_of_nothing() -> None:
    assert tlog.root([]) == EMPTY_ROOT
    assert EMPTY_ROOT.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@pytest.mark.parametrize("size", range(1, 9))
def test_roots_are_those_of_the_reference(size: int) -> None:
    assert tlog.root(LEAVES[:size]).hex() == ROOTS[size - 1]


@pytest.mark.parametrize(("leaf", "size", "path"), INCLUSION)
def test_inclusion_proofs_are_those_of_the_reference(leaf: int, size: int, path: list[str]) -> None:
    proof = tlog.inclusion_proof(leaf - 1, size, tlog.of_leaves(LEAVES[:size]))
    assert hexed(proof) == path
    assert root_of_proof(LEAVES[leaf - 1], leaf - 1, size, proof) == bytes.fromhex(ROOTS[size - 1])


@pytest.mark.parametrize(("first", "size", "path"), CONSISTENCY)
def test_consistency_proofs_are_those_of_the_reference(first: int, size: int, path: list[str]) -> None:
    proof = tlog.consistency_proof(first, size, tlog.of_leaves(LEAVES[:size]))
    assert hexed(proof) == path
    assert consistent(first, size, (bytes.fromhex(ROOTS[first - 1]), bytes.fromhex(ROOTS[size - 1])), proof)


@given(st.integers(1, 700), st.data())
def test_every_leaf_is_proved_in_its_place_and_nowhere_else(size: int, data: st.DataObject) -> None:
    there = leaves(size)
    index = data.draw(st.integers(0, size - 1))
    proof = tlog.inclusion_proof(index, size, tlog.of_leaves(there))
    root = tlog.root(there)
    assert root_of_proof(there[index], index, size, proof) == root
    other = data.draw(st.integers(0, size - 1).filter(lambda i: i != index)) if size > 1 else index + 1
    assert root_of_proof(there[index], other, size, proof) != root
    assert root_of_proof(bytes(32), index, size, proof) != root
    if proof:
        assert root_of_proof(there[index], index, size, proof[:-1]) != root
        assert root_of_proof(there[index], index, size, [*proof, bytes(32)]) != root


@given(st.integers(1, 700), st.data())
def test_a_tree_goes_on_from_its_beginning_and_from_no_other(size: int, data: st.DataObject) -> None:
    there = leaves(size)
    first = data.draw(st.integers(1, size))
    proof = tlog.consistency_proof(first, size, tlog.of_leaves(there))
    roots = tlog.root(there[:first]), tlog.root(there)
    assert consistent(first, size, roots, proof)
    assert not consistent(first, size, (bytes(32), roots[1]), proof)
    assert not consistent(first, size, (roots[0], bytes(32)), proof)
    if first < size:
        forged = [bytes(32), *there[1:]]
        assert not consistent(
            first,
            size,
            (roots[0], tlog.root(forged)),
            tlog.consistency_proof(first, size, tlog.of_leaves(forged)),
        )


@given(st.integers(0, 1500), st.integers(0, 600))
def test_a_tree_that_is_added_to_is_the_tree_of_all(first: int, more: int) -> None:
    there = leaves(first + more)
    tree = tlog.CompactRange()
    for leaf in there[:first]:
        tree.add(leaf)
    before = len(tree.completed)
    for leaf in there[first:]:
        tree.add(leaf)
    assert tree.root() == tlog.root(there)
    assert before == first // 256
    subtree = tlog.of_leaves(there)
    assert [(8, i, subtree(8, i)) for i in range(len(there) // 256)] == tree.completed


def test_a_subtree_begins_only_where_one_may() -> None:
    tree = tlog.CompactRange()
    tree.add(LEAVES[0])
    with pytest.raises(ValueError, match="does not begin at 1"):
        tree.add(LEAVES[1], level=1)
    with pytest.raises(IndexError):
        tlog.inclusion_proof(3, 3, tlog.of_leaves(LEAVES))
    with pytest.raises(IndexError):
        tlog.consistency_proof(4, 3, tlog.of_leaves(LEAVES))


# --- signed notes -------------------------------------------------------------------------------------------

# The example of the signed-note format: golang.org/x/mod/sumdb/note, on which C2SP signed-note is based.
NEUMANN = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
SAYING = (
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n—"
    " PeterNeumann"
    " x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)


def test_a_public_signed_note_is_read_and_verified() -> None:
    note, key = parse_note(SAYING), parse_key(NEUMANN)
    assert note.text.endswith("what your problem is.\n")
    assert str(key) == NEUMANN
    assert note.names(key)
    assert note.signed_by(key)


def test_a_changed_note_is_not_signed() -> None:
    key = parse_key(NEUMANN)
    assert not parse_note(SAYING.replace("answer", "cause")).signed_by(key)
    assert not parse_note(SAYING.replace("— PeterNeumann", "— PeterN")).names(key)
    assert not parse_note(SAYING).signed_by(Key("PeterNeumann", bytes(32)))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "text\n",
        "text\n\n",
        "text\n\nname sig\n",
        "text\n\n— name\n",
        "text\n\n— na+me AAAA\n",
        SAYING[:-1],
        "text\n\n— name !!!!\n",
    ],
)
def test_what_is_no_note_is_refused(text: str) -> None:
    with pytest.raises(Unreadable):
        parse_note(text)


@pytest.mark.parametrize(
    "text",
    ["", "name", "name+c74f20a3", NEUMANN.replace("c74f20a3", "c74f20a4"), NEUMANN[:-4], f"x{NEUMANN}"],
)
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(Unreadable):
        parse_key(text)


def checkpoint(size: int, *more: str) -> str:
    lines = ["log.example", str(size), base64.b64encode(bytes(32)).decode(), *more]
    return "\n".join(lines) + "\n\n— log.example AAAAAAAA\n"


OURS = (f"heads 3 {base64.b64encode(bytes(32)).decode()}", "time 2026-03-02T09:00:00.000000Z")


def test_checkpoints_are_read_from_a_file_to_which_they_are_appended() -> None:
    text = checkpoint(7, *OURS) + "\n" + checkpoint(9, *OURS) + checkpoint(12, *OURS)
    assert [c.size for c in parse_checkpoints(text)] == [7, 9, 12]
    assert [c.size for c in parse_checkpoints(text.replace("\n", "\r\n"))] == [7, 9, 12]
    assert parse_checkpoint(checkpoint(7, *OURS)).subjects == 3


@pytest.mark.parametrize(
    "text", ["", checkpoint(7), checkpoint(7, OURS[0]), checkpoint(7, OURS[1]), "log\nx\ny\n\n— a AAAA\n"]
)
def test_what_is_no_checkpoint_of_ours_is_refused(text: str) -> None:
    with pytest.raises(Unreadable):
        parse_checkpoints(text)


def test_a_head_is_bound_to_its_subject_number_and_hash() -> None:
    found = {head_leaf(s, n, h) for s in ("a", "b", '["') for n in (1, 2) for h in ("0" * 64, "1" * 64)}
    assert len(found) == 12
