using System.Text;

namespace KmsCloud.Cli;

/// <summary>Sentences broken at blanks; a word longer than the line stays whole.</summary>
internal static class WordWrap
{
    /// <summary>
    /// The text in lines of at most <paramref name="width"/>, all but the first after <paramref name="indent"/> blanks.
    /// </summary>
    internal static string Text(string text, int width, int indent)
    {
        var wrapped = new StringBuilder();
        var length = 0;
        foreach (var word in text.Split(' '))
        {
            if (length > 0 && length + 1 + word.Length > width)
            {
                wrapped.Append('\n').Append(' ', indent);
                length = 0;
            }
            else if (length > 0)
            {
                wrapped.Append(' ');
                length++;
            }

            wrapped.Append(word);
            length += word.Length;
        }

        return wrapped.ToString();
    }
}
