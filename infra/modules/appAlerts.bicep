import { tagsType } from '../types.bicep'

@description('Region.')
param location string

@description('What the rules\' names begin with.')
param namePrefix string

@description('Tags.')
param tags tagsType

@description('The Log Analytics workspace.')
param workspaceId string

@description('Where alerts go.')
param actionGroupId string

@description('Application Insights of this app: its lines and no other app\'s.')
param insightsId string

@description('Name of this app\'s journal in the state container.')
param stateName string

@description('Account of the app\'s package and queues.')
param hostAccountName string

@description('Principal ids of all apps on the platform, this one first: the only ones that read vault and wallet file.')
param principalIds string[]

@description('Where each alert has its heading.')
param runbookUrl string = 'https://github.com/kmscloud/kmscloud/blob/main/docs/azure.md'

var apps = '("${join(principalIds, '", "')}")'
var lines = 'AppTraces | where _ResourceId =~ "${insightsId}"'
var metrics = '${lines} and Message has "KmsMetrics" | mv-expand metric = parse_json(Message).metrics | where todouble(metric.value) > 0'
var invocations = '${lines} and Message has "KmsInvocation" | extend line = parse_json(Message)'

module queries 'queryAlerts.bicep' = {
  params: {
    location: location
    namePrefix: namePrefix
    tags: tags
    workspaceId: workspaceId
    actionGroupId: actionGroupId
    runbookUrl: runbookUrl
    rules: [
      {
        name: 'noCycle'
        title: 'No good cycle for 15 minutes'
        severity: 1
        window: 'PT15M'
        operator: 'LessThan'
        threshold: 1
        query: '${invocations} | where tobool(line.good) == true'
      }
      {
        name: 'failedInvocations'
        title: 'Polling or signing failed'
        severity: 1
        window: 'PT15M'
        operator: 'GreaterThan'
        threshold: 2
        query: 'AppRequests | where _ResourceId =~ "${insightsId}" and OperationName == "PollPending" and Success == false'
      }
      {
        name: 'failedMessages'
        title: 'Queue messages could not be worked on'
        severity: 1
        window: 'PT15M'
        operator: 'GreaterThan'
        threshold: 2
        query: '${invocations} | where tostring(line.function) == "SignPending" and tostring(line.outcome) == "failed"'
      }
      {
        name: 'refused'
        title: 'A transaction was refused as unsafe or contradictory'
        severity: 1
        window: 'PT5M'
        operator: 'GreaterThan'
        threshold: 0
        query: '${metrics} and tostring(metric.name) == "kms.stopped" and tostring(metric.reason) == "input"'
      }
      {
        name: 'secondReader'
        title: 'The second reader did not read a signed transaction as it was shown'
        severity: 0
        window: 'PT5M'
        operator: 'GreaterThan'
        threshold: 0
        query: '${metrics} and tostring(metric.name) == "kms.second_reader.disagreements"'
      }
      {
        name: 'policy'
        title: 'A transaction violated the policy'
        severity: 0
        window: 'PT5M'
        operator: 'GreaterThan'
        threshold: 0
        query: '${metrics} and tostring(metric.name) == "kms.stopped" and tostring(metric.reason) == "policy"'
      }
      {
        name: 'fourEye'
        title: 'The four-eye approver did not approve or could not be reached'
        severity: 1
        window: 'PT15M'
        operator: 'GreaterThan'
        threshold: 0
        query: '${metrics} and tostring(metric.name) == "kms.stopped" and tostring(metric.reason) == "approver"'
      }
      {
        name: 'rejected'
        title: 'The network rejected a signed transaction'
        severity: 1
        window: 'PT5M'
        operator: 'GreaterThan'
        threshold: 0
        query: '${metrics} and tostring(metric.name) == "kms.broadcasts" and tostring(metric.outcome) == "rejected"'
      }
      {
        name: 'otherTransaction'
        title: 'The gateway names another transaction than what was sent'
        severity: 1
        window: 'PT5M'
        operator: 'GreaterThan'
        threshold: 0
        query: '${metrics} and tostring(metric.name) == "kms.other_ids"'
      }
      {
        name: 'outForLong'
        title: 'A signed transaction may be out for more than an hour'
        severity: 1
        window: 'PT15M'
        operator: 'GreaterThan'
        threshold: 0
        query: '${metrics} and tostring(metric.name) == "kms.out_for_long"'
      }
      {
        name: 'outUnproved'
        title: 'A signed transaction is over by the gateway\'s word alone'
        severity: 1
        window: 'PT15M'
        operator: 'GreaterThan'
        threshold: 0
        query: '${metrics} and tostring(metric.name) == "kms.out_unproved"'
      }
      {
        name: 'frozen'
        title: 'Signing is frozen'
        severity: 2
        window: 'PT5M'
        operator: 'GreaterThan'
        threshold: 0
        query: '${metrics} and tostring(metric.name) == "kms.frozen"'
      }
      {
        name: 'vaultOthers'
        title: 'Somebody else than the apps read or listed secrets or keys'
        severity: 0
        window: 'PT5M'
        operator: 'GreaterThan'
        threshold: 0
        query: 'AzureDiagnostics | where ResourceProvider == "MICROSOFT.KEYVAULT" and (OperationName startswith "Secret" or OperationName startswith "Key") and OperationName !in ("KeyWrap", "KeyUnwrap", "KeyGet") and column_ifexists("httpStatusCode_d", 0.0) != 401 and coalesce(column_ifexists("identity_claim_oid_g", ""), column_ifexists("identity_claim_http_schemas_microsoft_com_identity_claims_objectidentifier_g", "")) !in ${apps}'
      }
      {
        name: 'walletOthers'
        title: 'Somebody else than the apps touched wallet.dat or its container'
        severity: 0
        window: 'PT5M'
        operator: 'GreaterThan'
        threshold: 0
        query: 'StorageBlobLogs | where Uri contains "/kms-wallet" and (OperationName !in ("GetBlob", "GetBlobProperties") or RequesterObjectId !in ${apps})'
      }
      // but for the lifecycle rule that deletes old versions (walletstorage.bicep), which has no identity; logs are watched below
      {
        name: 'stateOthers'
        title: 'Somebody else than the apps wrote journal, audit log or policy log'
        severity: 0
        window: 'PT5M'
        operator: 'GreaterThan'
        threshold: 0
        query: 'StorageBlobLogs | where Uri contains "/kms-state" and OperationName !startswith "Get" and OperationName !startswith "List" and RequesterObjectId !in ${apps} and not(OperationName == "DeleteBlob" and isempty(RequesterObjectId) and UserAgentHeader has_any ("ObjectLifeCycleScanner", "OLCMScanner"))'
      }
      {
        name: 'stateDeleted'
        title: 'A log of ${stateName} was deleted or written over'
        severity: 0
        window: 'PT5M'
        operator: 'GreaterThan'
        threshold: 0
        query: 'StorageBlobLogs | where Uri contains "/kms-state/${stateName}/" and Uri has_any ("journal.jsonl", "audit.jsonl") and OperationName in ("DeleteBlob", "PutBlockList", "CopyBlob", "UndeleteBlob", "SetBlobTier")'
      }
      {
        name: 'packageChanged'
        title: 'The program was changed'
        severity: 0
        window: 'PT5M'
        operator: 'GreaterThan'
        threshold: 0
        query: 'StorageBlobLogs | where AccountName == "${hostAccountName}" and Uri contains "/app-package" and OperationName !startswith "Get" and OperationName !startswith "List"'
      }
      {
        name: 'poison'
        title: 'A message was given up after five attempts'
        severity: 1
        window: 'PT5M'
        operator: 'GreaterThan'
        threshold: 0
        query: 'StorageQueueLogs | where AccountName == "${hostAccountName}" and Uri contains "/kms-pending-poison" and OperationName == "PutMessage"'
      }
    ]
  }
}
