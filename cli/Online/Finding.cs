using KmsCloud.Errors;

namespace KmsCloud.Cli;

/// <summary>One thing that kms doctor looked at.</summary>
/// <param name="Name">What was looked at.</param>
/// <param name="State">good, wrong or advice.</param>
/// <param name="Text">What was found.</param>
/// <param name="Advice">What to do about it.</param>
internal sealed record Finding(string Name, string State, string Text, string? Advice)
{
    /// <summary>What a look finds: good, or wrong when it throws.</summary>
    internal static Finding Of(string name, Action look, string good)
    {
        try
        {
            look();
            return new(name, "good", good, null);
        }
        catch (KmsException error)
        {
            return new(name, "wrong", error.Message, error.Hint);
        }
    }

    /// <summary>What a look finds: good, or wrong when it throws.</summary>
    internal static async Task<Finding> OfAsync(string name, Func<Task> look, string good)
    {
        try
        {
            await look();
            return new(name, "good", good, null);
        }
        catch (KmsException error)
        {
            return new(name, "wrong", error.Message, error.Hint);
        }
    }

    /// <summary>Prints them as JSON or as a table.</summary>
    internal static void Print(List<Finding> findings, bool asTable)
    {
        if (!asTable)
        {
            Terminal.PrintJson(json =>
            {
                json.WriteStartArray();
                foreach (var finding in findings)
                {
                    json.WriteStartObject();
                    json.WriteString("check", finding.Name);
                    json.WriteString("state", finding.State);
                    json.WriteString("finding", finding.Text);
                    if (finding.Advice is not null)
                    {
                        json.WriteString("advice", finding.Advice);
                    }

                    json.WriteEndObject();
                }

                json.WriteEndArray();
            });
            return;
        }

        var table = new ResultTable("check", "state", "finding", "what to do")
        {
            Lines = cells =>
                [$"{cells[1]}: {cells[0]}, {cells[2]}", .. cells[3].Length > 0 ? [$"-> {cells[3]}"] : Array.Empty<string>()],
        };
        foreach (var finding in findings)
        {
            table.AddCells(finding.Name, finding.State, finding.Text, finding.Advice);
            table.Colour(1, finding.State switch { "good" => "green", "wrong" => "red", _ => "yellow" });
        }

        Terminal.PrintTable(table);
    }
}
