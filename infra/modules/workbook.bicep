// The page engineers look at first; its content is workbook.json.

param location string
param tags object
param workspaceId string

resource workbook 'Microsoft.Insights/workbooks@2023-06-01' = {
  name: guid(resourceGroup().id, 'reports')
  location: location
  tags: tags
  kind: 'shared'
  properties: {
    displayName: 'Pro-active reports'
    category: 'workbook'
    sourceId: workspaceId
    serializedData: loadTextContent('../workbook.json')
  }
}
