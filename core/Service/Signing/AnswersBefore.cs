using System.Collections.Concurrent;
using KmsCloud.Approvals;

namespace KmsCloud.Signing;

/// <summary>
/// What the approver answered a moment ago, so that many copies of one queue message are one question.
/// </summary>
internal sealed class AnswersBefore
{
    private const int Most = 10_000;
    private readonly ConcurrentDictionary<string, (string Question, ApprovalAnswer Answer, long At)> answers = new(
        StringComparer.Ordinal);

    /// <summary>
    /// The answer to the very same question, when it is younger than <paramref name="life"/>; null otherwise.
    /// </summary>
    internal ApprovalAnswer? Find(string id, string question, TimeSpan life, TimeProvider clock) =>
        answers.TryGetValue(id, out var before) && before.Question == question && clock.GetElapsedTime(before.At) < life
            ? before.Answer
            : null;

    /// <summary>Remembers an answer.</summary>
    internal void Set(string id, string question, ApprovalAnswer answer, TimeProvider clock)
    {
        if (answers.Count >= Most)
        {
            answers.Clear(); // forgetting costs a question more
        }

        answers[id] = (question, answer, clock.GetTimestamp());
    }
}
