using KmsCloud.Chains;
using KmsCloud.Errors;
using KmsCloud.State;
using KmsCloud.Telemetry;

namespace KmsCloud.Signing;

/// <summary>
/// The second reading of what was signed, before it is written down and before it is sent again: what another author's
/// code does not read as it was shown does not leave, now or later.
/// </summary>
/// <param name="reader">Reads.</param>
/// <param name="settings">Which chains it reads.</param>
/// <param name="note">Where disagreements are kept, or null for memory alone.</param>
internal sealed class SecondReading(ISecondReader reader, SecondReaderSettings settings, IStateNote? note)
{
    private readonly DisagreementList disagreements = new(note);
    private int isSaid;

    /// <summary>Ends a request on which the readers disagreed before, without another signature.</summary>
    internal void RequireNoOldDisagreement(string chain, string request)
    {
        if (!settings.Off.Contains(chain) && disagreements.Find(request) is { } reason)
        {
            throw new DisagreementException(reason, []);
        }
    }

    /// <summary>Holds signed bytes against what was shown.</summary>
    /// <exception cref="DisagreementException">They differ.</exception>
    internal void Require(DecodedPending decoded, TransactionSummary summary, SignedTransaction signed, bool isDraft)
    {
        if (settings.Off.Contains(summary.Chain) || !reader.Reads(summary))
        {
            return;
        }

        var differences = reader.Compare(decoded.Pending, summary, signed, isDraft);
        if (differences.Count == 0)
        {
            return;
        }

        var reason = Printable.Line("the second reader does not agree: " + string.Join("; ", differences));
        disagreements.Add(decoded.Request.Text, reason);
        throw new DisagreementException(reason, differences);
    }

    /// <summary>Counts, says and, where the operator wants it, freezes.</summary>
    internal void Alarm(SigningServices services, string id, string chain, string reason)
    {
        services.Metrics?.Disagreed(chain);
        services.Log.Disagreed(id, chain, reason);
        if (!settings.Freezes)
        {
            return;
        }

        try
        {
            services.Freeze?.Set(
                $"the second reader does not agree on {id} of {chain}", "second-reader", services.Clock.GetUtcNow());
        }
        catch (KmsException error)
        {
            services.Log.Failed(id, $"signing could not be frozen: {error.Message}");
        }
    }

    /// <summary>Says once, in the log and the audit log, which chains it is told not to read.</summary>
    /// <exception cref="KmsException">The audit log cannot be written.</exception>
    internal async Task SayOffAsync(SigningServices services)
    {
        if (settings.Off.Count == 0 || Interlocked.Exchange(ref isSaid, 1) != 0)
        {
            return;
        }

        var chains = string.Join(',', settings.Off);
        services.Log.SecondReaderOff(chains);
        await services.Audit.AppendAsync(json =>
        {
            json.WriteString("decision", "second-reader-off");
            json.WriteString("reason", $"not read a second time: {chains}");
        });
    }
}

/// <summary>What was signed is not what was shown, as another reader reads it. It does not leave.</summary>
/// <param name="reason">Both readings, point by point.</param>
/// <param name="differences">The points; none when the request is one of which this was found before.</param>
internal sealed class DisagreementException(string reason, IReadOnlyList<ReadingDifference> differences) : Exception(
    reason)
{
    /// <summary>Whether it was found now, and not in an earlier cycle.</summary>
    internal bool IsNew => differences.Count > 0;
}
