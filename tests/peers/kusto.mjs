// Microsoft's own parser and binder of the Kusto query language, over the columns that are declared here of each table.
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import vm from 'node:vm';
import { serve } from './peer.mjs';

// made for a browser: both files put their names on the global object
const folder = dirname(createRequire(import.meta.url).resolve('@kusto/language-service-next/package.json'));
for (const file of ['bridge.min.js', 'Kusto.Language.Bridge.min.js']) vm.runInThisContext(readFileSync(join(folder, file), 'utf8'), { filename: file });
const { GlobalState, KustoCode, Symbols } = globalThis.Kusto.Language;

// Azure Monitor's reference of tables, as far as our queries use them
const tables = {
  AppTraces: 'TimeGenerated:datetime, Message:string, SeverityLevel:int, _ResourceId:string',
  traces: 'timestamp:datetime, message:string, severityLevel:int', // AppTraces as Application Insights itself calls it
  AppRequests: 'TimeGenerated:datetime, OperationName:string, Success:bool, _ResourceId:string',
  AzureDiagnostics: 'TimeGenerated:datetime, ResourceProvider:string, ResourceType:string, OperationName:string, ResultType:string, ResultSignature:string, Resource:string, Category:string',
  AZKVAuditLogs: 'TimeGenerated:datetime, OperationName:string, HttpStatusCode:int, Identity:dynamic, ResultSignature:string',
  StorageBlobLogs: 'TimeGenerated:datetime, OperationName:string, Uri:string, AccountName:string, StatusCode:string, RequesterObjectId:string, UserAgentHeader:string, _ResourceId:string',
  StorageQueueLogs: 'TimeGenerated:datetime, OperationName:string, Uri:string, AccountName:string, StatusCode:string, RequesterObjectId:string, _ResourceId:string',
  _LogOperation: 'TimeGenerated:datetime, Category:string, Operation:string, Detail:string, Level:string',
};
const symbols = Object.entries(tables).map(([name, columns]) => Symbols.TableSymbol.From(`(${columns})`).WithName(name));
const database = new Symbols.DatabaseSymbol.$ctor1('workspace', symbols);
const globals = GlobalState.Default.WithDatabase(database);

serve({
  problems({ query }) {
    const found = KustoCode.ParseAndAnalyze(query, globals).GetDiagnostics();
    return [...Array(found.Count).keys()].map(at => found.getItem(at).Message);
  },
});
