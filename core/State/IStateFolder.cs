using KmsCloud.Errors;

namespace KmsCloud.State;

/// <summary>Where journal and audit log live. Whoever holds one is the only signer that uses it.</summary>
public interface IStateFolder : IDisposable
{
    /// <summary>Opens or makes a log. The caller owns it, and closes it before the folder.</summary>
    /// <exception cref="KmsException">It cannot be opened.</exception>
    IAppendLog Open(string name);
}
