from msasss.dicom.decoders import available_decoders


def test_every_compressed_syntax_is_decoded_here():
    decoders = available_decoders()
    assert len(decoders) == 12
    assert all(decoders.values()), decoders
