"""Whether rows that are equal in two files say more than that rows can be alike.

Where nothing names a row, an equal row in the training data may be the same row, or another that happens to be alike: tables
of a few small columns are full of those. Rows that are alike by chance are as often found within one file as across two.
"""

CHANCE = 0.001
"""So seldom do rows that fell into the two files by chance count as the same."""


def are_more_alike_than_chance(shared: int, rows: int, others: int, repeated: int) -> bool:
    """``shared`` of the ``rows`` of one file have an equal among the ``others``, more than chance explains.

    ``repeated`` counts rows of either file beyond the first of their kind in it. Conditional on which rows are equal, a pair
    of equal rows falls across the files with probability 2mn / N(N-1) if all N = m + n rows were dealt out at random, m here
    and n there. So many pairs across that this happens less than once in a thousand times are asked for, and four more for each
    repeated row; kinds of three and more rows count against (exact permutation argument; no assumption on the columns). Rows
    dealt out by time repeat across files less often, which errs towards no. It does not hold where somebody has taken the
    repeated rows out of each file alone.
    """
    chance, needed = 1.0, 0
    while chance >= CHANCE:
        if needed == min(rows, others):
            return False
        left = rows + others - 2 * needed
        chance *= 2 * (rows - needed) * (others - needed) / (left * (left - 1))
        needed += 1
    return shared >= needed + 4 * repeated
