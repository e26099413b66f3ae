"""What the benchmarks share: environments, processes on cores of their own, load, and reports."""
