use nuages::serde_json::{Value, json};

use super::*;

pub(crate) fn vectors() -> Value {
    let all: Value =
        nuages::serde_json::from_str(include_str!("../../../framework/testdata/django_vectors.json"))
            .unwrap();
    all["password_validation"].clone()
}

fn errors(password: &str, user: &Attributes) -> Value {
    let validators = from_names(&[], "Nuages").unwrap();
    let broken = validators.iter().filter_map(|validator| validator.validate(password, user).err());
    broken.map(|error| json!({"code": error.code, "message": error.message})).collect()
}

#[test]
fn passwords_are_judged_as_django_judges_them() {
    let all = vectors();
    let fields = ["username", "first_name", "last_name", "email"];
    let user = Attributes::new(fields.map(|name| (name, all["user"][name].as_str().unwrap())));
    for case in all["cases"].as_array().unwrap() {
        assert_eq!(errors(case["password"].as_str().unwrap(), &user), case["errors"], "{case}");
    }
}
