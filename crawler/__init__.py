"""The network half of wirecorpus: from sources to captures in a WARC archive."""
