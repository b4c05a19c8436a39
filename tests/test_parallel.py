import threading

import pytest

from guanxi.parallel import Workers, block_ranges, run_blocks, thread_count


def test_blocks_cover_the_range_once() -> None:
    assert block_ranges(10, 4) == [(0, 4), (4, 8), (8, 10)]
    assert block_ranges(8, 4) == [(0, 4), (4, 8)]
    assert block_ranges(0, 4) == []


@pytest.mark.parametrize("threads", [1, 2, 7])
def test_results_come_in_the_order_of_the_blocks(threads) -> None:
    assert run_blocks(lambda block: block * block, range(50), threads) == [b * b for b in range(50)]
    with Workers(threads) as workers:
        for _ in range(3):
            assert workers.run(str, range(5)) == ["0", "1", "2", "3", "4"]


def test_several_threads_work_side_by_side() -> None:
    both = threading.Barrier(2, timeout=30)
    with Workers(2) as workers:
        workers.run(lambda _: both.wait(), range(2))  # would never come back from one thread


def test_an_error_in_a_block_comes_out() -> None:
    def work(block: int) -> int:
        return 1 // block

    for threads in (1, 2):
        with pytest.raises(ZeroDivisionError), Workers(threads) as workers:
            workers.run(work, [1, 0])


def test_at_least_one_thread() -> None:
    assert thread_count(3) == 3
    assert thread_count(0) == 1
    assert thread_count(1_000_000) < 10_000
    assert thread_count() >= 1
