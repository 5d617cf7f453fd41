"""The network at a glance: how full services are, where and when they are, and where support is missing. No screens."""
