# For a tap of Homebrew. packaging/release fills in the version and the checksum.
class Wscli < Formula
  desc "Command-line tool for debugging WebSockets"
  homepage "https://github.com/wscli/wscli"
  url "https://github.com/wscli/wscli/releases/download/v@VERSION@/wscli-@VERSION@.tar.gz"
  sha256 "@SHA256@"
  license any_of: ["MIT", "Apache-2.0"]
  head "https://github.com/wscli/wscli.git", branch: "main"

  depends_on "rust" => :build

  def install
    system "cargo", "install", *std_cargo_args
    bash_completion.install "completions/wscli.bash" => "wscli"
    zsh_completion.install "completions/_wscli"
    fish_completion.install "completions/wscli.fish"
    man1.install Dir["man/man1/*.1"]
    man5.install Dir["man/man5/*.5"]
    doc.install Dir["docs/*"]
    # The licences and the README come along by themselves.
    prefix.install "THIRD-PARTY-LICENSES.txt"
  end

  test do
    # Without a URL it starts its own server.
    assert_equal "hello\n", pipe_output("#{bin}/wscli connect --quiet", "hello\n", 0)
  end
end
