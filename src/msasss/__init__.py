"""Open scoring of radiographic spinal damage (mSASSS) in axial spondyloarthritis. Research use, not a medical device."""
