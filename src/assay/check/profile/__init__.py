"""What a dataset looks like: columns, their values, how these are distributed.

Two looks at the data. A sample of rows, always the same one, says of which type a column of texts seems to be, which values
are frequent and between which values the quantiles lie. Then one scan of all rows counts exactly: NULLs, the values of the
types, those that seemed frequent, and those between the edges. So counts, extremes and moments are exact, quantiles lie
between two edges that are as close as the sample could bring them, and only the number of distinct values is an estimate. A
third look is needed only where a cell breaks what the sample seemed to say.

Measured with DuckDB 2.0 on 10,103,280 rows x 19 columns of Parquet, CPU s: reading them .4; quantiles by ``approx_quantile``
12 (.85 a column), by t-digest's neighbours more; frequent values by ``approx_top_k`` 11.1; ``count(*) FILTER`` for 20 edges
a column 95; ``histogram(x, edges)`` with 32 edges 2.5, with 64 3.0, with 256 4.2; ``stddev_samp`` 1.8, two sums of what
differs from the sample's mean 1.0; the sample of 20,000 rows .8, what is asked of it .2. Least and greatest values cost
nothing where the file says them, and .9 within the scan.
"""

from assay.check.profile.dataset import Profiled, profile_columns

__all__ = ["Profiled", "profile_columns"]
