//! Starting and stopping: what a user meets at the command line.

use super::binary::{Binary, command, data_folder, free_port, said};

#[tokio::test]
async fn a_second_start_finds_its_data_and_a_stop_leaves_nothing_running() {
    let (folder, port) = (data_folder(), free_port());
    let first = Binary::start(folder.path(), port).await;
    let demo = first.demo();
    assert!(first.interrupt().await.success());
    assert!(
        !folder.path().join("data/pg/postmaster.pid").exists(),
        "Postgres is still running"
    );

    let second = Binary::start(folder.path(), port).await;

    assert_eq!(second.demo(), demo);
    second.log_in().await;
    assert!(second.interrupt().await.success());
}

#[tokio::test]
async fn a_port_in_use_is_named_before_anything_is_touched() {
    let folder = data_folder();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();

    let mut child = command(folder.path(), port).spawn().unwrap();
    let words = said(&mut child).await;

    assert!(!child.wait().await.unwrap().success());
    assert!(
        words.contains(&format!("cannot listen on 127.0.0.1:{port}")),
        "{words}"
    );
    assert!(!folder.path().join("data").exists());
}

#[tokio::test]
async fn every_fault_of_the_configuration_is_named_and_nothing_starts() {
    let folder = data_folder();

    let mut child = command(folder.path(), free_port())
        .args([
            "--set",
            "http.lisen=127.0.0.1:1",
            "--set",
            "engine.batch_max=0",
        ])
        .args(["--set", "socket.ping_every_s=fast"])
        .spawn()
        .unwrap();
    let words = said(&mut child).await;

    assert!(!child.wait().await.unwrap().success());
    for key in ["http.lisen", "engine.batch_max", "socket.ping_every_s"] {
        assert!(words.contains(key), "{key} is not named: {words}");
    }
    assert!(!folder.path().join("data").exists());
}

/// The blocks of a document that are to be typed into a shell, as one script.
fn blocks_of(document: &str) -> String {
    let mut script = String::new();
    let mut inside = false;
    for line in document.lines() {
        match line {
            "```bash" => inside = true,
            "```" => inside = false,
            line if inside => {
                script.push_str(line);
                script.push('\n');
            }
            _ => {}
        }
    }
    script
}

/// It takes as long as the shortest delay of inactivity, beside the other tests.
#[tokio::test]
async fn the_tour_of_presence_works() {
    follow(include_str!("../../../docs/tours/presence.md"), 19).await;
}

#[tokio::test]
async fn the_tour_of_routing_works() {
    follow(include_str!("../../../docs/tours/routing.md"), 20).await;
}

/// Types the blocks of a tour into a shell; so many of its lines must say `ok`.
async fn follow(tour: &str, checks: usize) {
    let (folder, port) = (data_folder(), free_port());
    let server = Binary::start(folder.path(), port).await;
    let script = blocks_of(tour);

    let done = tokio::process::Command::new("bash")
        .args(["-euo", "pipefail", "-c", &script])
        .env("BASE", &server.base)
        .env("DATA_DIR", folder.path().join("data"))
        .output()
        .await
        .unwrap();

    let told = String::from_utf8_lossy(&done.stdout);
    let words = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{told}{words}");
    assert_eq!(told.matches("ok  ").count(), checks, "{told}");
    assert!(server.interrupt().await.success());
}

#[tokio::test]
async fn the_tours_of_the_documents_work() {
    let (folder, port) = (data_folder(), free_port());
    let server = Binary::start(folder.path(), port).await;

    for tour in ["first-chat.sh", "own-tenant.sh"] {
        let script = format!("{}/docs/tours/{tour}", env!("CARGO_MANIFEST_DIR"));
        let done = tokio::process::Command::new("bash")
            .arg(script)
            .arg(&server.base)
            .arg(folder.path().join("data"))
            .output()
            .await
            .unwrap();
        let words = String::from_utf8_lossy(&done.stderr);
        assert!(done.status.success(), "{tour}: {words}");
    }
    assert!(server.interrupt().await.success());
}
