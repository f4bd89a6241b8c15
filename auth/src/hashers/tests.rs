use nuages::serde_json::{self, Value};

use super::*;

fn vectors(name: &str) -> Vec<Value> {
    let all: Value =
        serde_json::from_str(include_str!("../../../framework/testdata/django_vectors.json")).unwrap();
    all[name].as_array().unwrap().clone()
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value[key].as_str().unwrap()
}

/// Those that are read here, each with whether it costs more than a blink.
fn readable() -> Vec<(Value, bool)> {
    let known = |case: &Value| PasswordHashers::default().identify(text(case, "encoded")).is_some();
    let dear = |case: &Value| {
        ["$1000000$", "$260000$", "m=102400"].iter().any(|cost| text(case, "encoded").contains(cost))
    };
    let all = vectors("passwords").into_iter().chain(vectors("passwords_old_argon2"));
    all.filter(known).map(|case| (case.clone(), dear(&case))).collect()
}

fn check(password: &str, encoded: &str) -> Verdict {
    PasswordHashers::for_tests().verify(password, encoded, &mut Memory::new())
}

#[test]
fn every_string_of_django_verifies() {
    assert_eq!(readable().len(), 18);
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
fn a_wrong_password_is_refused() {
    for (case, _) in readable().iter().filter(|(_, dear)| !dear) {
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
    let hashers = PasswordHashers::for_tests();
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

#[test]
fn what_is_made_verifies_and_is_new() {
    for hashers in [
        PasswordHashers::for_tests(),
        PasswordHashers::new(Hasher::Pbkdf2Sha256(1), []),
        PasswordHashers::new(Hasher::Pbkdf2Sha1(1), []),
    ] {
        let mut memory = Memory::new();
        for password in ["secret", "", "lètmein", "😀\0"] {
            let encoded = hashers.make(password, &mut memory);
            assert!(encoded.len() <= 128 && encoded != hashers.make(password, &mut memory));
            let verdict = hashers.verify(password, &encoded, &mut memory);
            assert_eq!(verdict, Verdict { correct: true, must_update: false });
        }
    }
}

#[test]
fn a_new_password_is_argon2id_at_owasps_cost() {
    let encoded = PasswordHashers::default().make("secret", &mut Memory::new());
    assert!(encoded.starts_with("argon2$argon2id$v=19$m=19456,t=2,p=1$"), "{encoded}");
    assert_eq!(encoded.len(), 111);
}

#[test]
fn an_unusable_or_unknown_string_opens_nothing() {
    let known = ["scrypt", "bcrypt_sha256", "bcrypt", "md5"];
    for case in vectors("passwords").iter().filter(|case| known.contains(&text(case, "algorithm"))) {
        assert_eq!(check(text(case, "password"), text(case, "encoded")), Verdict::WRONG);
    }
    for encoded in [unusable_password(), "!".into(), "5ebe2294ecd0e0f08eab7690d2a6ee69".into()] {
        assert_eq!(check("secret", &encoded), Verdict::WRONG);
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
    assert_eq!(
        PasswordHashers::from_names(&["argon2", " pbkdf2_sha256", "pbkdf2_sha1"]),
        Ok(PasswordHashers::default())
    );
    assert_eq!(PasswordHashers::from_names(&["argon2", "md4"]), Err(BadHashers::Unknown("md4".into())));
    assert_eq!(PasswordHashers::from_names::<&str>(&[]), Err(BadHashers::Empty));
}
