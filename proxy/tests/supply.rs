//! What the build is made of.

use std::process::Command;

#[test]
fn security_03_the_plain_method_of_pkce_is_not_in_the_build() -> Result<(), std::io::Error> {
    let tree = Command::new(env!("CARGO"))
        .args(["tree", "--offline", "-p", "goto-microapps"])
        .args(["-e", "features,normal", "-i", "oauth2"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()?;
    let features = String::from_utf8_lossy(&tree.stdout);
    assert!(
        tree.status.success(),
        "{}",
        String::from_utf8_lossy(&tree.stderr)
    );
    assert!(features.starts_with("oauth2 "), "{features}");
    assert!(
        features.contains("timing-resistant"),
        "features are listed: {features}"
    );
    assert!(!features.contains("pkce-plain"), "{features}");
    Ok(())
}
