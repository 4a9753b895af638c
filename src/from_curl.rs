pub(crate) struct FromCurl {
    pub(crate) url: String,
    pub(crate) headers: Vec<String>,
    pub(crate) user: Option<String>,
    pub(crate) cookies: Vec<String>,
    pub(crate) user_agent: Option<String>,
    pub(crate) insecure: bool,
    pub(crate) proxy: Option<String>,
    pub(crate) location: bool,
    pub(crate) ignored: Vec<String>,
}
impl FromCurl {
    pub(crate) fn parse(_: &str) -> Result<Self, String> {
        Err(String::new())
    }
}
