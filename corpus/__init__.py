"""The corpus half of wirecorpus: from captures to clustered articles. It never touches a network."""

__version__ = "0.1.0"
