//! The hub: the home that every thread shares, and who drives its driver.
//!
//! Operations on events complete whatever the issuing thread does, and so does what a send could
//! not hand over at once. No thread of the library's own is needed for that as long as somebody
//! waits: one of the waiting threads *leads*, which is to block in the driver and to deliver what
//! it brings; the others are *followers*, each asleep in a place of its own. A leader whose wait
//! is over resigns and wakes a follower to lead.
//!
//! A leader that again and again brings what one other thread waits for, and nothing for itself, costs a wake-up each time. So it
//! steps down, wakes nobody, and *guards*: that other thread leads whenever it waits, and leaves without waking anybody, since
//! the guard looks each millisecond whether somebody leads or has led, and leads itself if nobody has. The guard ends when a third
//! thread is released, or when nothing comes any more.
//!
//! Where something must go on although nobody waits for an object (an *errand*: the rest of a
//! send, an operation whose owner dropped it, one that a routine waits behind) or whoever waits must block elsewhere (*distant*: in
//! its own home, for its routines), a helper thread leads. It ends when it has been idle for a while.

use crate::codes;
use crate::delivery::Unwanted;
use crate::driver::{self, Attempt, Key, System};
use crate::fork;
use crate::home::{Home, Owner};
use crate::network::NetworkEvents;
use crate::op::OpRef;
use crate::socket::Inner;
use crate::sync::atomic::AtomicBool;
use crate::sync::atomic::Ordering::SeqCst;
use crate::sync::{self, Mutex, thread};
use crate::thread::{ThreadCore, Wakeful, Wakes, Waking};
use std::sync::{Arc, OnceLock, Weak};
use std::time::{Duration, Instant};

pub(crate) struct Hub {
    system: &'static dyn System,
    home: OnceLock<Arc<Home>>,
    /// How long an idle helper stays.
    linger: Duration,
    /// The helper could not be started when it was last needed.
    helpless: AtomicBool,
    /// So often in a row a leader releases the same other thread before it steps down; never with `None`.
    patience: Option<u32>,
    leadership: Mutex<Leadership>,
}

#[derive(Default)]
struct Leadership {
    leader: Leader,
    followers: Vec<Arc<ThreadCore>>,
    helper: Option<Arc<ThreadCore>>,
    distant: usize,
    /// How often somebody has asked the driver.
    turns: u32,
    /// The thread that was released last, by its address, and how often in a row by the present leader.
    served: usize,
    in_a_row: u32,
    /// The follower that guards, by its address; 0 is nobody. It looks soon whether somebody leads, so nobody is woken for that.
    guard: usize,
    wakes: Wakes,
}

/// How often the guard looks: nothing is later than two of these for want of a leader.
const PERIOD: Duration = Duration::from_millis(1);

impl Wakeful for Leadership {
    fn wakes(&mut self) -> &mut Wakes {
        &mut self.wakes
    }
}

impl Leadership {
    fn take_follower(&mut self, thread: usize) -> Option<Arc<ThreadCore>> {
        let position = self.followers.iter().position(|follower| address(follower) == thread)?;
        Some(self.followers.remove(position))
    }

    /// Beside a guard nobody is woken but the thread for which it has stepped down, should that wait already.
    #[cold]
    fn promote_served(&mut self) {
        if let Some(follower) = self.take_follower(self.served) {
            self.wakes.add(&follower);
        }
    }

    /// Notes that a leader has released this follower.
    fn has_served(&mut self, thread: &Arc<ThreadCore>) {
        self.in_a_row = if self.served == address(thread) { self.in_a_row.saturating_add(1) } else { 1 };
        self.served = address(thread);
        // Others are busy too: what comes for them must not wait until the leader comes back.
        self.guard = 0;
    }

    fn end_guard_of(&mut self, thread: &Arc<ThreadCore>) {
        if self.guard == address(thread) {
            self.guard = 0;
        }
    }
}

fn address(thread: &Arc<ThreadCore>) -> usize {
    Arc::as_ptr(thread).addr()
}

#[derive(Default, Clone, Copy, PartialEq, Eq)]
enum Leader {
    #[default]
    Nobody,
    /// Not in the driver: it looks at what is staged before it blocks.
    Awake,
    /// In the driver: what is issued must be handed to the kernel by its issuer.
    Blocked,
}

impl Hub {
    pub(crate) fn new(system: &'static dyn System, linger: Duration, patience: Option<u32>) -> Self {
        let (helpless, leadership) = (AtomicBool::new(false), Mutex::default());
        Self { system, home: OnceLock::new(), linger, helpless, patience, leadership }
    }

    /// The hub's home, made when it is first needed.
    pub(crate) fn home(&self) -> Attempt<&Arc<Home>> {
        if let Some(home) = self.home.get() {
            return Ok(home);
        }
        let _one_at_a_time = self.leadership();
        if self.home.get().is_none() {
            let home = Home::new(self.system.driver(true)?, Owner::Everybody);
            let _ = self.home.set(Arc::new(home));
        }
        self.home.get().ok_or(codes::WSAEINVAL)
    }

    pub(crate) fn home_if_made(&self) -> Option<&Home> {
        self.home.get().map(|home| &**home)
    }

    pub(crate) fn is_home(&self, home: &Home) -> bool {
        self.home.get().is_some_and(|hub| std::ptr::eq(&**hub, home))
    }

    /// Starts an operation in whichever home; if it is this one, sees to it that it is driven.
    pub(crate) fn starting(&self, home: &Home, start: impl FnOnce() -> Attempt<()>) -> Attempt<()> {
        start()?;
        if self.is_home(home) {
            self.attend(home);
        }
        Ok(())
    }

    /// Looks out for network events of a socket: whoever waits for an object finds out.
    pub(crate) fn watch(&self, socket: &Weak<Inner>, raw: i32, events: NetworkEvents) -> Attempt<Key> {
        let home = self.home()?;
        let key = home.watch(socket, raw, events)?;
        self.attend(home);
        Ok(key)
    }

    pub(crate) fn end_watch(&self, key: Key) {
        if let Some(home) = self.home.get() {
            home.end_watch(key);
        }
    }

    pub(crate) fn cancel(&self, op: OpRef) {
        if let Some(home) = self.home.get() {
            home.cancel(op);
            self.attend(home);
        }
    }

    /// An operation on an event has a routine behind it: it is driven even if nobody waits for objects.
    pub(crate) fn expedite(&self, op: OpRef) {
        if let Some(home) = self.home.get() {
            home.make_errand(op);
        }
        self.pass_on();
    }

    /// The owner of a (cancelled) operation on an event leaves it. Returns whether it had completed,
    /// so that the owner frees the block; else it is driven until its memory comes free.
    pub(crate) fn abandon(&self, op: OpRef) -> bool {
        if let Some(home) = self.home.get() {
            home.make_errand(op);
        }
        let completed = op.mark_orphan();
        if !completed && !fork::in_child() {
            self.poll();
            self.pass_on();
        }
        completed
    }

    /// Sees to it that somebody drives what has just been given to the driver.
    fn attend(&self, home: &Home) {
        let mut leadership = self.leadership();
        match leadership.leader {
            Leader::Nobody => self.promote(&mut leadership),
            Leader::Awake => {}
            Leader::Blocked => {
                drop(leadership);
                home.hand_over();
            }
        }
    }

    /// Wakes one thread to lead, if there is something to lead and nobody does.
    fn promote(&self, leadership: &mut Leadership) {
        let Some(home) = self.home.get().filter(|home| home.in_flight() > 0) else { return };
        if leadership.leader != Leader::Nobody {
            return;
        }
        if leadership.guard != 0 {
            return leadership.promote_served();
        }
        if let Some(follower) = leadership.followers.pop() {
            leadership.wakes.add(&follower);
        } else if home.errands() > 0 || leadership.distant > 0 {
            match &leadership.helper {
                Some(helper) => leadership.wakes.add(helper),
                None => self.start_helper(leadership),
            }
        }
    }

    /// Wakes somebody to lead; called by whoever was woken for that and will not.
    pub(crate) fn pass_on(&self) {
        self.promote(&mut self.leadership());
    }

    /// Leadership, if there is something to drive and nobody leads.
    pub(crate) fn try_lead(&self) -> Option<Lead<'_>> {
        let home = self.home.get().filter(|home| home.in_flight() > 0)?;
        let mut leadership = self.leadership();
        (leadership.leader == Leader::Nobody).then(|| {
            leadership.leader = Leader::Awake;
            leadership.turns = leadership.turns.wrapping_add(1);
            Lead { hub: self, home }
        })
    }

    /// Leads or follows, until something may have changed.
    pub(crate) fn take_turn<'a>(
        &'a self,
        lead: &mut Option<Lead<'a>>,
        thread: &Arc<ThreadCore>,
        deadline: Option<Instant>,
        unwanted: &mut Unwanted,
    ) {
        let mut leadership = self.leadership();
        let turn = leadership.turns;
        let is_for_another = self.patience.is_some_and(|patience| leadership.in_a_row >= patience);
        let guards = lead.is_some() && is_for_another && leadership.distant == 0;
        if lead.is_none() && leadership.leader == Leader::Nobody {
            if let Some(home) = self.home.get().filter(|home| home.in_flight() > 0) {
                leadership.leader = Leader::Awake;
                leadership.in_a_row = 0;
                *lead = Some(Lead { hub: self, home });
            }
        }
        if guards || lead.is_none() {
            leadership.followers.push(Arc::clone(thread));
        }
        if guards {
            leadership.guard = address(thread);
        }
        drop(leadership);
        if guards {
            *lead = None;
        }
        match lead {
            Some(lead) => lead.drive(thread, deadline, unwanted),
            None => self.follow(thread, deadline, turn, guards),
        }
    }

    /// Sleeps as a follower that came at this turn.
    fn follow(&self, thread: &Arc<ThreadCore>, deadline: Option<Instant>, mut turn: u32, mut guards: bool) {
        loop {
            let look =
                guards.then(|| sync::now() + PERIOD).filter(|look| deadline.is_none_or(|deadline| *look < deadline));
            let woken = thread.park(look.or(deadline));
            let mut leadership = self.leadership();
            let led = std::mem::replace(&mut turn, leadership.turns) != leadership.turns;
            if look.is_some() && !woken {
                guards = led && leadership.guard == address(thread);
                if guards {
                    continue;
                }
                leadership.end_guard_of(thread);
                if leadership.leader != Leader::Nobody {
                    // Nothing comes: who leads wakes a follower when it leaves.
                    continue;
                }
            }
            // Who was taken out was woken to lead.
            if leadership.take_follower(address(thread)).is_some() && woken && led {
                leadership.has_served(thread);
            }
            leadership.end_guard_of(thread);
            return;
        }
    }

    /// Lets what is in flight complete if nobody leads; never blocks.
    fn poll(&self) {
        self.poll_into(&mut Unwanted::default());
    }

    pub(crate) fn poll_into(&self, unwanted: &mut Unwanted) {
        if let Some(lead) = self.try_lead() {
            lead.home.poll();
            lead.home.harvest(unwanted);
        }
    }

    /// Whether the helper thread could not be started when it was last needed.
    pub(crate) fn is_helpless(&self) -> bool {
        self.helpless.load(SeqCst)
    }

    /// Says that a thread waits for objects but blocks in its own home.
    pub(crate) fn distant(&self) -> Distant<'_> {
        let mut leadership = self.leadership();
        leadership.distant += 1;
        leadership.guard = 0;
        self.promote(&mut leadership);
        Distant(self)
    }

    fn start_helper(&self, leadership: &mut Leadership) {
        let helper = Arc::new(ThreadCore::new());
        let Some(context) = driver::context_of(self) else { return };
        let core = Arc::clone(&helper);
        let started = thread::Builder::new().name("overlapped-helper".into()).spawn(move || context.hub.help(&core));
        // Without it whoever waits does its work, for whatever that is.
        self.helpless.store(started.is_err(), SeqCst);
        if started.is_ok() {
            leadership.helper = Some(helper);
        }
    }

    /// The helper thread.
    fn help(&self, core: &Arc<ThreadCore>) {
        let needed = |leadership: &Leadership| {
            self.home.get().is_some_and(|home| home.errands() > 0 || leadership.distant > 0 && home.in_flight() > 0)
        };
        loop {
            let mut unwanted = Unwanted::default();
            if needed(&self.leadership()) {
                if let Some(mut lead) = self.try_lead() {
                    // What is unwanted is dropped after resigning, and must not wait for long.
                    while unwanted.is_empty() && needed(&self.leadership()) {
                        lead.drive(core, None, &mut unwanted);
                    }
                    drop(lead);
                    if !unwanted.is_empty() && !self.drop_aside(core, unwanted) {
                        return;
                    }
                } else {
                    // Whoever leads wakes the helper when it resigns.
                    core.park(Some(sync::now() + self.linger.max(Duration::from_millis(10))));
                }
                continue;
            }
            core.park(Some(sync::now() + self.linger));
            let mut leadership = self.leadership();
            if !needed(&leadership) {
                leadership.helper = None;
                return;
            }
        }
    }

    /// Drops what nobody wants, which may run code of the program and take its time: another helper may be needed
    /// meanwhile. Whether this one still is one.
    fn drop_aside(&self, core: &Arc<ThreadCore>, unwanted: Unwanted) -> bool {
        let mut leadership = self.leadership();
        leadership.helper = None;
        self.promote(&mut leadership);
        drop(leadership);
        drop(unwanted);
        let mut leadership = self.leadership();
        if leadership.helper.is_none() {
            leadership.helper = Some(Arc::clone(core));
            return true;
        }
        false
    }

    fn leadership(&self) -> Waking<'_, Leadership> {
        Waking::lock(&self.leadership)
    }
}

/// Being the leader; dropping it resigns.
pub(crate) struct Lead<'a> {
    hub: &'a Hub,
    home: &'a Home,
}

impl Lead<'_> {
    /// Blocks in the driver and delivers what it brings.
    fn drive(&mut self, thread: &Arc<ThreadCore>, deadline: Option<Instant>, unwanted: &mut Unwanted) {
        // First: whoever issues between the two would believe that this thread still looks.
        self.hub.leadership().leader = Leader::Blocked;
        self.home.prepare();
        thread.park_in(self.home.gate(), || {
            self.home.block(deadline.map(|deadline| deadline.saturating_duration_since(sync::now())));
        });
        {
            let mut leadership = self.hub.leadership();
            leadership.leader = Leader::Awake;
            leadership.turns = leadership.turns.wrapping_add(1);
        }
        self.home.harvest(unwanted);
    }
}

impl Drop for Lead<'_> {
    fn drop(&mut self) {
        let mut leadership = self.hub.leadership();
        leadership.leader = Leader::Nobody;
        self.hub.promote(&mut leadership);
    }
}

/// Waiting elsewhere for objects; dropping it ends that.
pub(crate) struct Distant<'a>(&'a Hub);

impl Drop for Distant<'_> {
    fn drop(&mut self) {
        self.0.leadership().distant -= 1;
    }
}

/// Lets operations on events complete that can; never blocks.
pub(crate) fn poll() {
    crate::thread::poll_for_others();
    if let Some(context) = driver::present() {
        context.hub.poll();
    }
}
