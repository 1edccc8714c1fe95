"""Parts for tests, ours and those of plug-in authors: ports in memory, sample events, and a contract suite for each port.

``assay.testing.memory`` and ``assay.testing.samples`` import nothing but Assay's core; ``assay.testing.suites`` needs pytest.
"""
