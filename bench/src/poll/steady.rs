//! Requests at fixed times from one thread that waits for nothing else.
//!
//! A runtime's tasks, channels and timers cost the driver more for each request than the request costs the server;
//! at tens of thousands a second the driver's own queue would be what is measured. Here one thread asks the kernel
//! in turn which answers have come, and sends what is due meanwhile. It never sleeps, so it takes a whole processor,
//! which the server with one worker thread does not need.

use std::collections::VecDeque;
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::fd::OwnedFd;
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};
use rustix::event::Timespec;
use rustix::event::epoll::{self, CreateFlags, Event, EventData, EventFlags};

use crate::latency::Latencies;
use crate::pace::Schedule;

/// What is sent, and what must come back.
#[derive(Clone, Copy)]
pub(super) struct Exchange<'a> {
    pub(super) request: &'a [u8],
    pub(super) status: u16,
    /// How long an answer is; all are of the same length.
    pub(super) answer_bytes: usize,
}

/// A connection with at most one request under way.
struct Lane {
    stream: TcpStream,
    /// When the request under way was due.
    due: Instant,
    buffer: Vec<u8>,
    filled: usize,
}

/// Follows a schedule on so many connections. Returns latencies from the due times on, and how late requests were
/// looked at first, which is the part of it that is the driver's own.
pub(super) fn run(
    address: SocketAddr,
    connections: usize,
    exchange: Exchange,
    schedule: Schedule,
) -> Result<(Latencies, Latencies)> {
    let mut fleet = Fleet::connect(address, connections, exchange)?;
    let (mut latencies, mut lateness) = (Latencies::new(), Latencies::new());
    // What is due while every connection waits for an answer.
    let mut waiting = VecDeque::new();
    let mut sent = 0;
    while latencies.count() < schedule.count {
        let now = Instant::now();
        while sent < schedule.count && schedule.due(sent) <= now {
            let due = schedule.due(sent);
            lateness.record(now - due);
            waiting.push_back(due);
            sent += 1;
        }
        while let Some(due) = waiting.front()
            && fleet.send(*due)?
        {
            waiting.pop_front();
        }
        fleet.receive(&mut latencies)?;
    }
    Ok((latencies, lateness))
}

/// All connections to one server.
struct Fleet<'a> {
    exchange: Exchange<'a>,
    lanes: Vec<Lane>,
    idle: VecDeque<usize>,
    ready: OwnedFd,
    events: Vec<Event>,
}

impl<'a> Fleet<'a> {
    fn connect(address: SocketAddr, connections: usize, exchange: Exchange<'a>) -> Result<Self> {
        let ready = epoll::create(CreateFlags::CLOEXEC)?;
        let mut lanes = Vec::with_capacity(connections);
        for index in 0..connections {
            let stream = TcpStream::connect(address)?;
            stream.set_nodelay(true)?;
            stream.set_nonblocking(true)?;
            let data = EventData::new_u64(index as u64);
            epoll::add(&ready, &stream, data, EventFlags::IN)?;
            lanes.push(Lane {
                stream,
                due: Instant::now(),
                // A longer answer than expected shows as one.
                buffer: vec![0; exchange.answer_bytes + 1],
                filled: 0,
            });
        }
        Ok(Self {
            exchange,
            idle: (0..connections).collect(),
            lanes,
            ready,
            events: Vec::with_capacity(connections),
        })
    }

    /// Sends a request on the connection that has been idle the longest, if there is one.
    fn send(&mut self, due: Instant) -> Result<bool> {
        let Some(index) = self.idle.pop_front() else {
            return Ok(false);
        };
        let lane = &mut self.lanes[index];
        lane.due = due;
        lane.filled = 0;
        // A few hundred bytes always fit into the empty buffer of a socket.
        lane.stream
            .write_all(self.exchange.request)
            .context("send a request")?;
        Ok(true)
    }

    /// Takes the answers that have come.
    fn receive(&mut self, latencies: &mut Latencies) -> Result<()> {
        self.events.clear();
        let now = Timespec {
            tv_sec: 0,
            tv_nsec: 0,
        };
        let room = rustix::buffer::spare_capacity(&mut self.events);
        epoll::wait(&self.ready, room, Some(&now))?;
        for event in &self.events {
            let index = usize::try_from(event.data.u64())?;
            let lane = &mut self.lanes[index];
            match lane.stream.read(&mut lane.buffer[lane.filled..]) {
                Ok(0) => bail!("the server closed the connection"),
                Ok(read) => lane.filled += read,
                Err(error) if error.kind() == ErrorKind::WouldBlock => continue,
                Err(error) => return Err(error).context("read an answer"),
            }
            if lane.filled >= self.exchange.answer_bytes {
                let status = std::str::from_utf8(&lane.buffer[9..12])?;
                ensure!(
                    lane.filled == self.exchange.answer_bytes
                        && status.parse() == Ok(self.exchange.status),
                    "a poll was answered {status} with {} bytes",
                    lane.filled
                );
                latencies.record(lane.due.elapsed());
                self.idle.push_back(index);
            }
        }
        Ok(())
    }
}
