"""What runs in Python workers. See `firesteel.rdd` for what these modules may import."""
