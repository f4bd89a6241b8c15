//! Tunes and who plays them: what queries are tested on.

use nuages::chrono::{DateTime, Utc};
use nuages::migrations::{Migration, OnDelete, key_of};
use nuages::uuid::Uuid;
use nuages::{App, ForeignKey, ManyToMany, Model};

/// Someone who plays.
#[derive(Clone, Debug, Default, Model)]
#[model(app = "music", ordering = "name")]
pub struct Musician {
    /// The key, which we make ourselves.
    pub id: Uuid,
    /// The name.
    #[model(max_length = 100, unique)]
    pub name: String,
    /// What friends say.
    pub nickname: Option<String>,
    /// Whom they learned from.
    pub teachers: ManyToMany<Musician>,
}

/// Something that is played.
#[derive(Clone, Debug, Default, Model)]
#[model(app = "music")]
pub struct Tune {
    /// The key.
    pub id: i64,
    /// The title; two tunes may have the same.
    pub title: String,
    /// How often it was played.
    pub plays: i64,
    /// How often somebody had enough of it.
    pub skips: i32,
    /// What critics say.
    pub rating: Option<f64>,
    /// Who wrote it.
    pub composer: ForeignKey<Musician>,
    /// Who wrote it down.
    #[model(on_delete = "set_null")]
    pub arranger: Option<ForeignKey<Musician>>,
    /// When it was added.
    #[model(auto_now_add)]
    pub created_at: DateTime<Utc>,
    /// When it was last saved.
    #[model(auto_now)]
    pub changed_at: DateTime<Utc>,
    /// Words about it.
    pub tags: ManyToMany<Tag>,
    /// Who plays it.
    #[model(through = Part)]
    pub players: ManyToMany<Musician>,
}

/// A word about tunes.
#[derive(Clone, Debug, Default, Model, PartialEq)]
#[model(app = "music")]
pub struct Tag {
    /// The key.
    pub id: i32,
    /// The word.
    #[model(max_length = 50, unique)]
    pub name: String,
    /// How often it was given.
    pub uses: i64,
}

/// What one musician does in one tune.
#[derive(Clone, Debug, Default, Model)]
#[model(app = "music", unique_together("tune_id", "player_id"))]
pub struct Part {
    /// The key.
    pub id: i64,
    /// On what.
    pub instrument: String,
    /// Who.
    pub player: ForeignKey<Musician>,
    /// In which tune.
    pub tune: ForeignKey<Tune>,
}

impl Musician {
    /// A musician who is not saved yet.
    pub fn new(name: &str) -> Self {
        Self { name: name.into(), ..Self::default() }
    }
}

impl Tune {
    /// A tune that is not saved yet.
    pub fn new(composer: &Musician, title: &str) -> Self {
        Self { title: title.into(), composer: composer.into(), ..Self::default() }
    }
}

impl Tag {
    /// A tag that is not saved yet.
    pub fn new(name: &str) -> Self {
        Self { name: name.into(), ..Self::default() }
    }
}

/// The music, as an app.
pub fn app() -> App {
    App::new("music")
        .model::<Musician>()
        .model::<Tune>()
        .model::<Tag>()
        .model::<Part>()
        .migrations([initial()])
}

fn initial() -> Migration {
    let musician = || key_of("music", "music_musician", "id");
    let tune = || key_of("music", "music_tune", "id");
    Migration::new("0001_initial")
        .create_table("music_musician", |table| {
            table.for_model("Musician");
            table.uuid("id").primary_key();
            table.text("name").max_length(100).unique();
            table.text("nickname").null();
            table.ordering(["name"]);
        })
        .create_table("music_tune", |table| {
            table.for_model("Tune");
            table.big_auto("id");
            table.text("title");
            table.big_integer("plays");
            table.integer("skips");
            table.double("rating").null();
            table.foreign_key("composer_id", musician());
            table.foreign_key("arranger_id", musician()).null().on_delete(OnDelete::SetNull);
            table.datetime("created_at");
            table.datetime("changed_at");
        })
        .create_table("music_tag", |table| {
            table.for_model("Tag");
            table.auto("id");
            table.text("name").max_length(50).unique();
            table.big_integer("uses");
        })
        .create_table("music_tune_tags", |table| {
            table.for_model("Tune_tags");
            table.big_auto("id");
            table.foreign_key("tune_id", tune());
            table.foreign_key("tag_id", key_of("music", "music_tag", "id"));
            table.unique_together(["tune_id", "tag_id"]);
        })
        .create_table("music_musician_teachers", |table| {
            table.for_model("Musician_teachers");
            table.big_auto("id");
            table.foreign_key("from_musician_id", musician());
            table.foreign_key("to_musician_id", musician());
            table.unique_together(["from_musician_id", "to_musician_id"]);
        })
        .create_table("music_part", |table| {
            table.for_model("Part");
            table.big_auto("id");
            table.text("instrument");
            table.foreign_key("player_id", musician());
            table.foreign_key("tune_id", tune());
            table.unique_together(["tune_id", "player_id"]);
        })
}
