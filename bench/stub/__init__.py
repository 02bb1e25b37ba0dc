"""A Graph that is never the bottleneck: answers built beforehand, in a process of its own."""
