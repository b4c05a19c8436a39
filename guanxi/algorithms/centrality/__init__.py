"""Who matters: degrees, PageRank, HITS, k-core."""
