"""Which elements of a DICOM object identify a patient, beyond those that dicognito replaces."""

from typing import Final

# PS3.15 table E.1-1, elements with action X of which dicognito knows nothing: free text about the patient or the visit.
REMOVED: Final = frozenset(
    {
        "AcquisitionComments",
        "AcquisitionDeviceProcessingDescription",
        "AcquisitionProtocolDescription",
        "AdditionalPatientHistory",
        "AdmittingDiagnosesCodeSequence",
        "AdmittingDiagnosesDescription",
        "Allergies",
        "CommentsOnThePerformedProcedureStep",
        "ContributionDescription",
        "DerivationDescription",
        "DigitalSignaturesSequence",
        "EthnicGroup",
        "FrameComments",
        "IconImageSequence",
        "IdentifyingComments",
        "ImageComments",
        "ImagingServiceRequestComments",
        "InterpretationText",
        "MACParametersSequence",
        "MedicalAlerts",
        "OriginalAttributesSequence",
        "OtherPatientIDsSequence",
        "PatientComments",
        "PatientState",
        "PerformedProcedureStepDescription",
        "ProtocolName",
        "ReasonForStudy",
        "ReasonForTheImagingServiceRequest",
        "ReasonForTheRequestedProcedure",
        "RequestAttributesSequence",
        "RequestedProcedureComments",
        "RequestedProcedureDescription",
        "ResultsComments",
        "ScheduledProcedureStepDescription",
        "SeriesDescription",
        "ServiceEpisodeDescription",
        "ServiceEpisodeID",
        "SmokingStatus",
        "SpecialNeeds",
        "StudyComments",
        "StudyDescription",
        "TextComments",
        "VisitComments",
    }
)
EMPTIED: Final = ("DeviceSerialNumber", "DetectorID", "PlateID", "CassetteID", "GantryID", "GeneratorID", "StationName")
# UIDs that name tables known to everybody, no object of the patient.
SHARED_UIDS: Final = ("CodingSchemeUID", "ContextUID", "MappingResourceUID")
OVERLAY_GROUPS: Final = range(0x6000, 0x6020, 2)
CURVE_GROUPS: Final = range(0x5000, 0x5020, 2)
TEXT_SUSPECTS: Final = frozenset({"SC", "OT", "RF", "XC", "ES", "HC", "FILM", "DOC"})
SECONDARY_CAPTURE: Final = "1.2.840.10008.5.1.4.1.1.7"
