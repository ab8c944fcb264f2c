-- Orthanc: send every radiograph that arrives on to the node, but not the node's own results.
-- "node" is its name under DicomModalities in Orthanc's configuration.

local FILMS = { DX = true, CR = true, RF = true }

function OnStoredInstance(instanceId, tags, metadata, origin)
  local isOwnResult = tags['ManufacturerModelName'] == 'msasss'
  if FILMS[tags['Modality']] and not isOwnResult then
    SendToModality(instanceId, 'node')
  end
end
