"""Open scoring of radiographic spinal damage (mSASSS) in axial spondyloarthritis. Research use, no medical device."""
