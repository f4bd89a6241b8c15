use nuages::serde_json::{self, Value};

use super::*;

fn vectors(name: &str) -> Vec<Value> {
    let all: Value =
        serde_json::from_str(include_str!("../../../framework/testdata/django_vectors.json")).unwrap();
    all[name].as_array().unwrap().clone()
}

const UNREADABLE: &str = "unreadable: no hasher knows it";

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value[key].as_str().unwrap()
}

/// Those that are read here, each with whether it costs more than a blink.
fn readable() -> Vec<(Value, bool)> {
    let known = |case: &Value| everything().identify(text(case, "encoded")).is_some();
    let dear = |case: &Value| {
        let dear = ["$1000000$", "$260000$", "m=102400", "scrypt$16384", "$2b$12$"];
        dear.iter().any(|cost| text(case, "encoded").contains(cost))
    };
    let all = vectors("passwords").into_iter().chain(vectors("passwords_old_argon2"));
    all.filter(known).map(|case| (case.clone(), dear(&case))).collect()
}

/// Argon2 writes, at no cost, and every hasher that is built reads.
fn everything() -> PasswordHashers {
    let others = NAMES.iter().filter_map(|(name, _)| Hasher::named(name));
    PasswordHashers::new(PasswordHashers::for_tests().first, others)
}

fn check(password: &str, encoded: &str) -> Verdict {
    everything().verify(password, encoded, &mut Memory::new())
}

#[test]
fn every_string_of_django_verifies() {
    let built = if cfg!(feature = "legacy-hashers") { 32 } else { 18 };
    assert_eq!(readable().len(), built);
    // Side by side: seven million iterations are long without optimisation.
    std::thread::scope(|scope| {
        for (case, _) in readable() {
            scope.spawn(move || {
                assert!(check(text(&case, "password"), text(&case, "encoded")).correct, "{case}")
            });
        }
    });
}

#[test]
fn a_summary_says_algorithm_and_cost_and_neither_salt_nor_hash() {
    for (encoded, said) in [
        (
            "argon2$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$YWJjZA",
            "argon2id, memory 19456 KiB, 2 passes, 1 lane",
        ),
        ("$argon2i$v=19$m=16,t=1,p=2$c2FsdHNhbHQ$YWJjZA", "argon2i, memory 16 KiB, 1 pass, 2 lanes"),
        ("pbkdf2_sha256$1000000$salt$hash", "pbkdf2_sha256, 1000000 iterations"),
        ("pbkdf2_sha1$1$salt$hash", "pbkdf2_sha1, 1 iteration"),
        (&unusable_password(), "no password set"),
        ("", "no password set"),
        ("s3cret", UNREADABLE),
        ("s3cret$salt$hash", UNREADABLE),
        ("argon2$argon2id$v=19$m=1,t=0,p=0$c2FsdHNhbHQ$YWJjZA", UNREADABLE),
        ("pbkdf2_sha256$4294967295$salt$hash", UNREADABLE),
    ] {
        assert_eq!(summary(encoded), said, "{encoded}");
    }
    for (case, _) in readable() {
        let encoded = text(&case, "encoded");
        let (said, secret) = (summary(encoded), encoded.rsplit('$').next().unwrap());
        assert!(said != UNREADABLE && !said.contains(secret), "{encoded}: {said}");
    }
}

#[cfg(feature = "legacy-hashers")]
#[test]
fn a_summary_says_the_cost_of_the_older_ones() {
    let bcrypt = "bcrypt_sha256$$2b$12$abcdefghijklmnopqrstuuanVo7Xut1CH8VGIGlz1JovQh9GJbbtG";
    for (encoded, said) in [
        (bcrypt, "bcrypt_sha256, 12 rounds"),
        ("scrypt$16384$salt$8$5$hash", "scrypt, work factor 16384, block size 8, parallelism 5"),
        ("scrypt$16383$salt$8$5$hash", UNREADABLE),
        ("md5$salt$hash", "md5"),
        ("88a434c88cca4e900f7874cd98123f43", "unsalted_md5"),
    ] {
        assert_eq!(summary(encoded), said, "{encoded}");
    }
}

#[test]
fn a_wrong_password_is_refused() {
    // Django itself has no answer for a bcrypt that is asked for more than 72 bytes.
    let answered = |case: &Value| case.get("wrong_password_verifies").is_none_or(|answer| !answer.is_null());
    for (case, _) in readable().iter().filter(|(case, dear)| !dear && answered(case)) {
        let wrong = format!("{}x", text(case, "password"));
        assert_eq!(check(&wrong, text(case, "encoded")), Verdict::WRONG, "{case}");
    }
}

#[test]
fn the_same_strings_are_to_be_replaced_as_in_django() {
    let django = Argon2Params { memory: 102_400, passes: 2, lanes: 8 };
    for (case, _) in readable().iter().filter(|(case, _)| case["must_update"].is_boolean()) {
        let hasher = match Hasher::named(text(case, "algorithm")).unwrap() {
            Hasher::Argon2(_) => Hasher::Argon2(django),
            other => other,
        };
        assert_eq!(hasher.must_update(text(case, "encoded")), case["must_update"], "{case}");
    }
}

#[test]
fn another_algorithm_or_cost_is_replaced_only_when_the_password_is_right() {
    for (case, _) in readable().iter().filter(|(_, dear)| !dear) {
        assert!(check(text(case, "password"), text(case, "encoded")).must_update, "{case}");
        assert!(!check("wrong", text(case, "encoded")).must_update);
    }
}

#[test]
fn a_broken_string_opens_nothing_and_panics_nowhere() {
    let hashers = everything();
    for (case, dear) in readable() {
        let encoded = text(&case, "encoded");
        for end in 0..encoded.len() {
            // A dear one is only read: what is cut from its end still costs the whole hash.
            hashers.identify(&encoded[..end]).map(|hasher| hasher.must_update(&encoded[..end]));
            assert!(dear || !check(text(&case, "password"), &encoded[..end]).correct, "{}", &encoded[..end]);
        }
        let swapped: String = encoded.chars().rev().collect();
        assert_eq!(check(text(&case, "password"), &swapped), Verdict::WRONG);
    }
    for nonsense in
        ["", "$", "$$$$$", "argon2", "argon2$", "argon2$argon2id$v=19$$$", "pbkdf2_sha256$1$$", "é$é$é"]
    {
        assert_eq!(check("", nonsense), Verdict::WRONG, "{nonsense}");
    }
}

/// Every hasher that writes, at its lowest cost.
fn writers() -> Vec<Hasher> {
    let argon2 = PasswordHashers::for_tests().first;
    #[cfg(feature = "legacy-hashers")]
    let legacy = [
        Hasher::Scrypt(ScryptParams { work_factor: 2, block_size: 8, parallelism: 1 }),
        Hasher::BcryptSha256(4),
        Hasher::Bcrypt(4),
        Hasher::Md5,
    ];
    #[cfg(not(feature = "legacy-hashers"))]
    let legacy = [];
    [argon2, Hasher::Pbkdf2Sha256(1), Hasher::Pbkdf2Sha1(1)].into_iter().chain(legacy).collect()
}

#[test]
fn what_is_made_verifies_and_is_new() {
    for hasher in writers() {
        let (hashers, mut memory) = (PasswordHashers::new(hasher, []), Memory::new());
        for password in ["secret", "", "lètmein", "😀\0"] {
            let encoded = hashers.make(password, &mut memory);
            assert!(encoded.len() <= 128 && encoded != hashers.make(password, &mut memory));
            let verdict = hashers.verify(password, &encoded, &mut memory);
            assert_eq!(verdict, Verdict { correct: true, must_update: false }, "{encoded}");
        }
    }
}

#[test]
fn new_strings_have_the_lengths_of_djangos() {
    let length = |hasher: Hasher| hasher.make("secret", &mut Memory::new()).len();
    let lengths = [("argon2", 111), ("scrypt", 128), ("bcrypt_sha256", 74), ("bcrypt", 67), ("md5", 59)];
    for (name, expected) in lengths {
        Hasher::named(name).into_iter().for_each(|hasher| assert_eq!(length(hasher), expected, "{name}"));
    }
    // With a million iterations, six letters more.
    assert_eq!(length(Hasher::Pbkdf2Sha256(1)) + 6, 89);
    assert_eq!(length(Hasher::Pbkdf2Sha1(1)) + 6, 71);
}

#[test]
fn every_failure_costs_one_hash() {
    let (hashers, mut memory) = (everything(), Memory::new());
    let known = hashers.make("secret", &mut memory);
    let absurd = [
        "argon2$argon2id$v=19$m=4294967295,t=1,p=1$c2FsdHNhbHQ$YC9+jJCrQhs5R6db7LlN8Q",
        "pbkdf2_sha256$4294967295$salt$x",
        "scrypt$1073741824$salt$8$1$x",
        "bcrypt_sha256$$2b$31$abcdefghijklmnopqrstuuVrQ4zCyEDfwKOXCre954in7jn/y/.ua",
    ];
    let unusable = unusable_password();
    for stored in [known.as_str(), &unusable, "", "!", "nonsense", "md5$$x"].into_iter().chain(absurd) {
        let before = memory.hashes();
        assert_eq!(hashers.verify("wrong", stored, &mut memory), Verdict::WRONG);
        assert_eq!(memory.hashes(), before + 1, "{stored}");
    }
}

/// The shortest of five checks of a wrong password.
fn time(hashers: &PasswordHashers, stored: &str) -> std::time::Duration {
    let check = |_| {
        let start = std::time::Instant::now();
        assert_eq!(hashers.verify("wrong", stored, &mut Memory::new()), Verdict::WRONG);
        start.elapsed()
    };
    (0..5).map(check).min().unwrap_or_default()
}

#[test]
fn an_old_hash_of_the_same_algorithm_is_as_slow_as_a_new_one() {
    let pairs = [
        (Hasher::Pbkdf2Sha256(1), Hasher::Pbkdf2Sha256(3000)),
        #[cfg(feature = "legacy-hashers")]
        (Hasher::BcryptSha256(4), Hasher::BcryptSha256(9)),
    ];
    for (old, new) in pairs {
        let hashers = PasswordHashers::new(new, []);
        let [old, new] = [old, new].map(|hasher| hasher.make("secret", &mut Memory::new()));
        // Without the work that is missing it would be a thirtieth, or less.
        assert!(time(&hashers, &old) > time(&hashers, &new) / 2, "{old}");
    }
}

#[test]
fn a_new_password_is_argon2id_at_owasps_cost() {
    let encoded = PasswordHashers::default().make("secret", &mut Memory::new());
    assert!(encoded.starts_with("argon2$argon2id$v=19$m=19456,t=2,p=1$"), "{encoded}");
    assert_eq!(encoded.len(), 111);
}

#[test]
fn what_older_djangos_wrote_is_read_only_where_it_is_named() {
    let default = PasswordHashers::default();
    for algorithm in ["bcrypt", "md5"] {
        for case in vectors("passwords").iter().filter(|case| text(case, "algorithm") == algorithm) {
            assert_eq!(default.identify(text(case, "encoded")), None);
        }
    }
    for encoded in [unusable_password(), "!".into(), "5ebe2294ecd0e0f08eab7690d2a6ee69".into()] {
        assert_eq!(default.identify(&encoded), None);
    }
}

#[test]
#[cfg(feature = "legacy-hashers")]
fn a_hash_without_salt_opens_where_its_hasher_is_named() {
    for (name, encoded) in [
        ("unsalted_md5", "5ebe2294ecd0e0f08eab7690d2a6ee69"),
        ("unsalted_md5", "md5$$5ebe2294ecd0e0f08eab7690d2a6ee69"),
        ("unsalted_sha1", "sha1$$e5e9fa1ba31ecd1ae84f75caaa474f3a663f05f4"),
    ] {
        let hashers = PasswordHashers::new(PasswordHashers::for_tests().first, Hasher::named(name));
        let verdict = hashers.verify("secret", encoded, &mut Memory::new());
        assert_eq!(verdict, Verdict { correct: true, must_update: true });
        assert_eq!(hashers.verify("Secret", encoded, &mut Memory::new()), Verdict::WRONG);
    }
}

#[test]
fn a_hasher_that_is_not_listed_does_not_read() {
    let only_argon2 = PasswordHashers::from_names(&["argon2"]).unwrap();
    let mut memory = Memory::new();
    let stored = PasswordHashers::new(Hasher::Pbkdf2Sha256(1), []).make("secret", &mut memory);
    assert!(check("secret", &stored).correct);
    assert_eq!(only_argon2.identify(&stored), None);
}

#[test]
fn hashers_are_named_in_the_settings() {
    let bad = |names: &[&str]| PasswordHashers::from_names(names).unwrap_err();
    assert_eq!(
        PasswordHashers::from_names(&["argon2", " pbkdf2_sha256"]),
        PasswordHashers::from_names(&[
            "django.contrib.auth.hashers.Argon2PasswordHasher",
            "django.contrib.auth.hashers.PBKDF2PasswordHasher"
        ])
    );
    assert_eq!(bad(&[]), BadHashers::Empty);
    let unknown = bad(&["argon2", "md4"]).to_string();
    assert!(unknown.contains("`md4` is no password hasher; use argon2, pbkdf2_sha256,"), "{unknown}");
    let missing = bad(&["unsalted_md5"]).to_string();
    let todo = if cfg!(feature = "legacy-hashers") { "in front of it" } else { "feature `legacy-hashers`" };
    assert!(missing.contains(todo), "{missing}");
}
