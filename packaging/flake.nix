# nix run 'github:wscli/wscli?dir=packaging' -- wss://example.com/feed
{
  description = "Command-line tool for debugging WebSockets";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs = { self, nixpkgs }:
    let
      systems = [ "x86_64-linux" "aarch64-linux" "aarch64-darwin" ];
      forEach = nixpkgs.lib.genAttrs systems;
      manifest = (nixpkgs.lib.importTOML ../Cargo.toml).package;
    in
    {
      packages = forEach (system:
        let pkgs = nixpkgs.legacyPackages.${system}; in
        {
          default = pkgs.rustPlatform.buildRustPackage {
            pname = manifest.name;
            version = manifest.version;
            src = ../.;
            cargoLock.lockFile = ../Cargo.lock;
            nativeBuildInputs = [ pkgs.installShellFiles ];
            # They open sockets and terminals, which the sandbox hasn't got.
            doCheck = false;
            doInstallCheck = true;
            installCheckPhase = ''
              test "$(echo hello | $out/bin/wscli connect --quiet)" = hello
            '';
            postInstall = ''
              installManPage man/man1/*.1 man/man5/*.5
              installShellCompletion --cmd wscli --bash completions/wscli.bash \
                --zsh completions/_wscli --fish completions/wscli.fish
              install -Dm644 README.md LICENSE-* THIRD-PARTY-LICENSES.txt -t $out/share/doc/wscli
              install -Dm644 docs/* -t $out/share/doc/wscli/docs
            '';
            meta = {
              inherit (manifest) description homepage;
              license = [ pkgs.lib.licenses.mit pkgs.lib.licenses.asl20 ];
              mainProgram = "wscli";
            };
          };
        });
    };
}
