using KmsCloud.Cli;

return await Shell.RunAsync(args, () => KmsRoot.Create(new OfflineEdition()));
